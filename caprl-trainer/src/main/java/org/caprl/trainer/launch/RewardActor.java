package org.caprl.trainer.launch;

import org.caprl.core.config.ConfigReader;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.qa.Answerer;
import org.caprl.rollout.message.MessageKind;
import org.caprl.rollout.message.MessageWriter;
import org.caprl.rollout.ray.ServingActor;
import org.caprl.trainer.config.RunConfig;

/** A process of the cluster that holds the frozen models which read captions. Its methods are called by Ray. */
public final class RewardActor extends ServingActor {
    private Answerer answerer;

    /** Starts a backend and loads the models; gives the backend's reason. @param yaml the run's configuration, portable */
    public byte[] open(String yaml, int threads) {
        return onWorker(() -> {
            showGpus();
            RunConfig config = ConfigReader.parsePortable(RunConfig.class, yaml, "the run's configuration");
            RewardModels.folders(config).forEach(folder -> ActorFiles.requireFolder(folder, "answerer.path", "scores captions"));
            Backends.Choice backend = Backends.open(config.backend(), threads);
            TensorOps ops = backend.ops();
            answerer = RewardParts.open(config, ops).answerer();
            return new MessageWriter(MessageKind.ACTOR).put(backend.reason()).bytes();
        });
    }

    /** Answers {@link org.caprl.reward.qa.CaptionQuestions}. */
    public byte[] answer(byte[] questions) {
        return onWorker(() -> TrainerMessages.answers(answerer.answer(TrainerMessages.questions(questions))));
    }

    /** What the model thinks of each letter. */
    public byte[] letters(byte[] questions) {
        return onWorker(() -> TrainerMessages.letters(answerer.letterLogProbs(TrainerMessages.questions(questions))));
    }
}
