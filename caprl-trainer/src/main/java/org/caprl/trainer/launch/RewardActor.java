package org.caprl.trainer.launch;

import java.util.HashMap;
import java.util.Map;
import org.caprl.core.config.ConfigReader;
import org.caprl.core.tensor.Backends;
import org.caprl.reward.judge.TextWriter;
import org.caprl.reward.qa.Answerer;
import org.caprl.rollout.message.MessageKind;
import org.caprl.rollout.message.MessageWriter;
import org.caprl.rollout.ray.ServingActor;
import org.caprl.trainer.config.RunConfig;

/** A process of the cluster that holds the frozen models which read captions. Its methods are called by Ray. */
public final class RewardActor extends ServingActor {
    /** By their place among the configuration's answerers; served ones are asked by the driver. */
    private final Map<Integer, Answerer> answerers = new HashMap<>();
    private TextWriter judge;

    /** Starts a backend and loads the models; gives the backend's reason. @param yaml the run's configuration, portable */
    public byte[] open(String yaml, int threads) {
        return onWorker(() -> {
            showGpus();
            RunConfig config = ConfigReader.parsePortable(RunConfig.class, yaml, "the run's configuration");
            RewardModels.folders(config).forEach(folder -> ActorFiles.requireFolder(folder, "answerer.path", "scores captions"));
            Backends.Choice backend = Backends.open(config.backend(), threads);
            LocalReaders readers = new LocalReaders(config, backend.ops(), RewardModels.load(config, backend.ops()));
            for (int i = 0; i < config.answerers().size(); i++) {
                if (config.answerers().get(i).remote().isEmpty()) {
                    answerers.put(i, readers.answerer(i, config.answerers().get(i)));
                }
            }
            config.reward().judge().ifPresent(section -> judge = readers.judge(section));
            return new MessageWriter(MessageKind.ACTOR).put(backend.reason()).bytes();
        });
    }

    /** Answers {@link org.caprl.reward.qa.CaptionQuestions}. @param answerer its place in the configuration */
    public byte[] answer(int answerer, byte[] questions) {
        return onWorker(() -> TrainerMessages.answers(answerers.get(answerer).answer(TrainerMessages.questions(questions))));
    }

    /** What a model thinks of each letter. @param answerer its place in the configuration */
    public byte[] letters(int answerer, byte[] questions) {
        return onWorker(() -> TrainerMessages.letters(answerers.get(answerer).letterLogProbs(TrainerMessages.questions(questions))));
    }

    /** The judge's replies to {@link TextWriter.Request}s. */
    public byte[] judge(byte[] texts) {
        return onWorker(() -> TrainerMessages.replies(judge.write(TrainerMessages.texts(texts))));
    }
}
