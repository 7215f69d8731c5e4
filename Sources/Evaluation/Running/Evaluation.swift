import ApusTokenization

/// Puts tasks to a model and checks its answers.
///
/// ```swift
/// let tasks = try TaskFile.tasks(in: ["questions.jsonl"])
/// let model = LocalAnswers(try await Apus.load("model.gguf"), name: "model.gguf")
/// let summary = try await Evaluation(tasks).run(with: model) { print($0.passed, $0.text) }
/// print(summary.total.share, summary.total.interval)
/// ```
public struct Evaluation: Sendable {
    public var tasks: [EvaluationTask]
    public var options: Options

    public struct Options: Sendable, Equatable {
        /// 0 is greedy, so that results are the same each time.
        public var temperature = 0.0
        public var seed: UInt64 = 0
        /// New tokens at most, for tasks that do not say it themselves.
        public var maxTokens = 256
        /// What the model is told before each prompt, but for conversations that begin with a system message of their own.
        public var system: String?

        public init() {}
    }

    public init(_ tasks: [EvaluationTask], options: Options = Options()) {
        self.tasks = tasks
        self.options = options
    }

    /// Looks at all tasks before any work.
    ///
    /// - Throws: ``EvaluationError/task(_:reason:)`` for the first that the model can't be given.
    public func check(with model: some EvaluatedModel) throws {
        for task in tasks {
            do {
                if task.hasChoice, !(model is any LikelihoodModel) {
                    throw EvaluationError.noLikelihoods(model: model.name)
                }
                try model.check(question(task))
            } catch {
                throw EvaluationError.task(task.place, reason: "\(error)")
            }
        }
    }

    /// Puts one task after the other.
    ///
    /// - Parameter report: called with each result as it comes.
    /// - Throws: `CancellationError`, what `report` throws, and ``EvaluationError/task(_:reason:)`` for what the model
    ///   throws.
    public func run(
        with model: some EvaluatedModel, report: (TaskResult) async throws -> Void = { _ in }
    ) async throws -> EvaluationSummary {
        try check(with: model)
        var summary = EvaluationSummary()
        for task in tasks {
            try Task.checkCancellation()
            let result = try await result(of: task, model)
            summary.add(result)
            try await report(result)
        }
        return summary
    }

    private func result(of task: EvaluationTask, _ model: some EvaluatedModel) async throws -> TaskResult {
        let start = ContinuousClock.now
        do {
            let question = question(task)
            let answer = task.needsAnswer ? try await model.answer(question) : nil
            var outcomes: [CheckOutcome] = []
            for check in task.checks {
                if case .choice(let choice) = check.kind {
                    guard let model = model as? any LikelihoodModel else {
                        throw EvaluationError.noLikelihoods(model: model.name)
                    }
                    let likelihoods = try await model.logLikelihoods(of: choice.texts, after: question)
                    outcomes.append(check.judge(choice, likelihoods: likelihoods))
                } else {
                    outcomes.append(check.judge(answer?.text ?? ""))
                }
            }
            let duration = start.duration(to: .now)
            return TaskResult(task: task, answer: answer, outcomes: outcomes, seconds: duration / .seconds(1))
        } catch let error as CancellationError {
            throw error
        } catch {
            throw EvaluationError.task(task.place, reason: "\(error)")
        }
    }

    private func question(_ task: EvaluationTask) -> Question {
        var prompt = task.prompt
        if let system = options.system {
            let told = ChatMessage(role: "system", content: system)
            switch task.prompt {
            case .text(let text): prompt = .conversation([told, ChatMessage(role: "user", content: text)])
            case .conversation(let messages):
                if messages.first.map({ $0.role == "system" || $0.role == "developer" }) != true {
                    prompt = .conversation([told] + messages)
                }
            }
        }
        return Question(
            prompt: prompt, maxTokens: task.maxTokens ?? options.maxTokens, temperature: options.temperature,
            seed: options.seed)
    }
}

extension EvaluationTask {
    /// Whether the model has to write something.
    var needsAnswer: Bool { checks.contains(where: \.needsAnswer) }
    var hasChoice: Bool { !checks.allSatisfy(\.needsAnswer) }
}
