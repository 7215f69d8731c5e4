import ApusTensors

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019); Muon for the matrices within blocks, where it is asked
/// for, with AdamW for embeddings, the output matrix, norms and biases.
public final class AdamW {
    public struct Settings: Sendable, Equatable {
        /// Decay of the mean of gradients.
        public var beta1 = 0.9
        /// Decay of the mean of their squares.
        public var beta2 = 0.95
        public var epsilon = 1e-8
        /// Decay of the mean of gradients of matrices that ``MuonStep`` moves; nil for AdamW everywhere.
        public var muonMomentum: Double?
        /// Share of the rate by which matrices shrink each step.
        public var decay = 0.1

        public init() {}

        /// Whether Muon moves a parameter: a matrix of a block.
        func usesMuon(_ parameter: ParameterSet.Parameter) -> Bool {
            muonMomentum != nil && parameter.tensor.shape.count == 2 && parameter.name.hasPrefix("blk.")
        }

        func check() throws(TrainingError) {
            for (name, beta) in [("β₁", beta1), ("β₂", beta2), ("Muon's momentum", muonMomentum ?? 0)]
            where !(beta >= 0 && beta < 1) {
                throw .badSetting(name, value: "\(beta)", expected: "from 0 to below 1")
            }
            guard epsilon.isFinite, epsilon > 0 else {
                throw .badSetting("ε", value: "\(epsilon)", expected: "a positive number")
            }
            guard decay.isFinite, decay >= 0 else {
                throw .badSetting("the weight decay", value: "\(decay)", expected: "0 or more")
            }
        }
    }

    public let parameters: ParameterSet
    public let settings: Settings
    /// Running means of gradients and of their squares, in the order of the parameters; Muon has no squares.
    let moments: [(first: Tensor, second: Tensor)]

    public init(_ parameters: ParameterSet, _ settings: Settings) {
        self.parameters = parameters
        self.settings = settings
        moments = parameters.parameters.map { parameter in
            let shape = parameter.tensor.shape
            return (Tensor(zeros: shape), Tensor(zeros: settings.usesMuon(parameter) ? [1] : shape))
        }
    }

    /// The length of all gradients as one vector. Sums are taken in fixed stretches, so that it does not depend on the
    /// number of threads.
    public func gradientNorm() -> Double {
        parameters.parameters.reduce(0.0) { $0 + ($1.tensor.gradient?.sumOfSquares() ?? 0) }.squareRoot()
    }

    /// Moves every parameter that has a gradient, and forgets the gradients.
    ///
    /// - Parameters:
    ///   - step: 0 for the first.
    ///   - gradientFactor: what gradients are multiplied by (clipping).
    public func update(step: Int, rate: Double, gradientFactor: Double) {
        for (parameter, (first, second)) in zip(parameters.parameters, moments) {
            guard let gradient = parameter.tensor.gradient else { continue }
            if let momentum = settings.muonMomentum, settings.usesMuon(parameter) {
                MuonStep(rate: rate, momentum: momentum, decay: settings.decay, gradientFactor: gradientFactor)
                    .apply(to: parameter.tensor, gradient: gradient, mean: first)
                continue
            }
            AdamWStep(
                rate: rate, beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon,
                decay: parameter.decays ? settings.decay : 0, number: step + 1, gradientFactor: gradientFactor
            ).apply(to: parameter.tensor, gradient: gradient, first: first, second: second)
        }
        parameters.clearGradients()
    }

    func clearGradients() { parameters.clearGradients() }
}
