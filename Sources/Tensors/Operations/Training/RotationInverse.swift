extension Rotation {
    /// The rotation by the opposite angles, of the same amplitude: how a gradient goes back through
    /// ``Tensor/rotated(_:headDim:)``.
    public var inverse: Rotation {
        Rotation(cosines: cosines, sines: sines.scaled(by: -1), interleaved: interleaved)
    }

    private init(cosines: Tensor, sines: Tensor, interleaved: Bool) {
        self.cosines = cosines
        self.sines = sines
        self.interleaved = interleaved
    }
}
