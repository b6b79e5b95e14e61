package org.caprl.trainer.launch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.caprl.core.RunStoppedException;
import org.caprl.core.config.ConfigWriter;
import org.caprl.core.nn.LoraSettings;
import org.caprl.rollout.ray.ActorLimits;
import org.caprl.rollout.ray.ActorLosses;
import org.caprl.rollout.ray.ActorLostException;
import org.caprl.rollout.ray.ActorResources;
import org.caprl.rollout.ray.EngineSetup;
import org.caprl.rollout.ray.PromptStore;
import org.caprl.rollout.ray.RayCaptionEngine;
import org.caprl.rollout.ray.RayNode;
import org.caprl.rollout.ray.RaySession;
import org.caprl.trainer.config.RayActorsSection;
import org.caprl.trainer.config.RaySection;
import org.caprl.trainer.config.RayTrainerSection;
import org.caprl.trainer.config.RunConfig;

/**
 * The parts of a run on a Ray cluster: captions by a pool of actors, rewards by others, one that trains. This JVM has the data, the
 * policy's processor, and the loop.
 */
final class RayPlacement implements Placement {
    private static final long PROMPT_BYTES = 256L << 20;
    private static final double GIB = 1L << 30;

    private final RunConfig config;
    private final RaySession session;
    private final ActorLimits limits;
    private final ActorLosses losses;

    /** Connects to the cluster and checks that it has room. */
    RayPlacement(RunConfig config) {
        this.config = config;
        RaySection ray = config.ray();
        this.limits = new ActorLimits(Duration.ofSeconds(ray.limits().startSeconds()), Duration.ofSeconds(ray.limits().callSeconds()),
                Duration.ofSeconds(ray.limits().silenceSeconds()));
        this.losses = new ActorLosses(ray.limits().failuresInRow(), "ray.limits.failures_in_row");
        this.session = RaySession.open(ray.address(), limits.start());
        try {
            ClusterRoom.require(session.nodes(), demands());
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private List<ClusterRoom.Demand> demands() {
        RaySection ray = config.ray();
        List<ClusterRoom.Demand> demands = new ArrayList<>();
        demands.add(new ClusterRoom.Demand("trainer actor", 1, resources(ray.trainer())));
        demands.add(new ClusterRoom.Demand("caption actor", ray.rollout().actors(), resources(ray.rollout())));
        if (rewardActors() > 0) {
            demands.add(new ClusterRoom.Demand("reward actor", ray.reward().actors(), resources(ray.reward())));
        }
        return demands;
    }

    /** None where nothing that scores captions is a model of ours. */
    private int rewardActors() {
        return RewardModels.needed(config) ? config.ray().reward().actors() : 0;
    }

    private static ActorResources resources(RayActorsSection s) {
        return new ActorResources(s.cpus(), s.gpus(), (long) (s.memoryGib() * GIB), s.jvmOptions());
    }

    private static ActorResources resources(RayTrainerSection s) {
        return new ActorResources(s.cpus(), s.gpus(), (long) (s.memoryGib() * GIB), s.jvmOptions());
    }

    /** Threads of an actor: as configured, or its share of the cluster's processors. */
    private int threads(int configured) {
        if (configured > 0) {
            return configured;
        }
        double cpus = session.nodes().stream().filter(RayNode::alive).mapToDouble(RayNode::cpus).sum();
        return Math.max(1, (int) (cpus / (1 + config.ray().rollout().actors() + rewardActors())));
    }

    @Override
    public String reason() {
        StringBuilder text = new StringBuilder("Ray " + session.version() + " at " + session.address());
        session.nodes().stream().filter(RayNode::alive).forEach(node -> text.append("\n  ").append(node));
        return text.toString();
    }

    @Override
    public String plan(RunInputs inputs) {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "actors, overlap %s:%n",
                config.ray().overlap().name().toLowerCase(Locale.ROOT)));
        demands().forEach(demand -> text.append("  ").append(demand).append('\n'));
        return text.append("all parts together, as in one JVM; what writes captions is there in each caption actor:\n")
                .append(DryRun.memory(inputs).text()).toString();
    }

    @Override
    public TrainingParts open(RunInputs inputs) {
        RaySection ray = config.ray();
        Opened opened = new Opened();
        try {
            String yaml = ConfigWriter.portable(config);
            PromptStore prompts = new PromptStore(PROMPT_BYTES);
            RayPolicyTrainer trainer = opened.add(new RayPolicyTrainer(yaml, threads(ray.trainer().threads()), ray.checkpoints(),
                    resources(ray.trainer()), limits, losses, prompts));
            RayCaptionEngine engine = opened.add(new RayCaptionEngine(ray.rollout().actors(), engine(inputs), resources(ray.rollout()),
                    limits, losses, prompts, trainer));
            RewardParts reward;
            if (rewardActors() > 0) {
                RayReaders readers = new RayReaders(rewardActors(), yaml, threads(ray.reward().threads()), resources(ray.reward()), limits,
                        losses);
                reward = opened.add(RewardParts.of(config, readers));
                readers.awaitStart();
            } else {
                reward = opened.add(RewardParts.open(config, null));
            }
            trainer.awaitStart();
            engine.awaitStart();
            return new RayParts(trainer, engine, reward, losses, opened);
        } catch (ActorLostException e) {
            try (opened) {
                throw new RunStoppedException(e.getMessage(), e);
            }
        } catch (RuntimeException e) {
            try (opened) {
                throw e;
            }
        }
    }

    private EngineSetup engine(RunInputs inputs) {
        return new EngineSetup(config.policy().path().toAbsolutePath().normalize(), config.policy().dtype(),
                config.policy().lora().map(l -> new LoraSettings(l.r(), l.alpha(), l.dropout(), l.rslora(), l.targets(), l.vision())),
                config.seed(), config.backend(), threads(config.ray().rollout().threads()), inputs.room());
    }

    @Override
    public void close() {
        session.close();
    }
}
