package org.caprl.trainer.launch;

import io.ray.api.ObjectRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.config.ConfigReader;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.model.CausalLm;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.rollout.message.MessageKind;
import org.caprl.rollout.message.MessageWriter;
import org.caprl.rollout.ray.Outcome;
import org.caprl.rollout.ray.PromptStore;
import org.caprl.rollout.ray.ServingActor;
import org.caprl.rollout.weights.WeightPacket;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.state.Checkpoint;
import org.caprl.trainer.update.TrainingGroup;

/** The process of the cluster that holds policy and optimizer: a shell around {@link LocalPolicyTrainer}. Its methods are called by Ray. */
public final class TrainerActor extends ServingActor {
    private TensorOps ops;
    private CausalLm policy;
    private LocalPolicyTrainer trainer;
    /** Type of the weights that captions are written with. */
    private WeightType sampled;
    private WeightPacket packet;
    /** Where checkpoints lie until the driver has fetched them, or restored from what it sent. */
    private FileParts parts;

    /**
     * Starts a backend, loads the policy, makes the optimizer; gives the backend's reason.
     *
     * @param yaml the run's configuration, portable
     * @param threads of the backend
     */
    public byte[] open(String yaml, int threads) {
        return onWorker(() -> {
            showGpus();
            RunConfig config = ConfigReader.parsePortable(RunConfig.class, yaml, "the run's configuration");
            ActorFiles.requireFolder(config.policy().path(), "policy.path", "trains the policy");
            Backends.Choice backend = Backends.open(config.backend(), threads);
            ops = backend.ops();
            // Its end is that of the process.
            Opened opened = new Opened();
            policy = LocalParts.policy(opened, config, ops);
            trainer = LocalParts.trainer(opened, config, ops, policy, LocalParts.reference(opened, config, ops, policy));
            sampled = LocalParts.adapters(config) == null ? config.policy().dtype() : WeightType.FLOAT32;
            return new MessageWriter(MessageKind.ACTOR).put(backend.reason()).bytes();
        });
    }

    /** Makes the updates of a step. @param prompts of the groups, in order */
    public byte[] step(byte[] groups, List<ObjectRef<byte[]>> prompts) {
        return onWorker(() -> {
            List<TrainingGroup> read = TrainerMessages.groups(groups, PromptStore.fetch(prompts));
            byte[] report = TrainerMessages.report(trainer.step(read));
            return new MessageWriter(MessageKind.STEPPED).put(report).put(trainer.optimizerSteps()).bytes();
        });
    }

    /** What the weights are now, under this version. */
    public byte[] export(long version) {
        return onWorker(() -> {
            packet = WeightPacket.of(version, policy.params().trainable(), sampled, ops, WeightPacket.CHUNK_BYTES);
            return packet.message();
        });
    }

    /** Bytes of the weights that were exported last. */
    public byte[] weights(int chunk) {
        return onWorker(() -> packet.chunk(chunk, policy.params().trainable(), ops));
    }

    /** Bytes of a checkpoint's weights and moments. */
    public byte[] checkpointBytes() {
        return onWorker(() -> new MessageWriter(MessageKind.FILES).put(Checkpoint.bytes(policy)).bytes());
    }

    /** Shows that files of the run can be written from here: puts bytes into a new file. */
    public byte[] probe(String file, byte[] bytes) {
        return onWorker(() -> {
            Path path = Path.of(file);
            try {
                Files.write(path, bytes);
            } catch (IOException e) {
                throw new InputException("cannot write " + path + " from this node (" + e + "); with ray.checkpoints=shared the run's "
                        + "directory must be on a disk that this node sees under the same path, else use ray.checkpoints=fetched", e);
            }
            return Outcome.nothing();
        });
    }

    /** Writes a checkpoint into a folder that is there. */
    public byte[] write(String folder, byte[] state) {
        return onWorker(() -> {
            trainer.write(Path.of(folder), TrainerMessages.state(state));
            return Outcome.nothing();
        });
    }

    /** Writes a checkpoint on this node; gives its files. */
    public byte[] writeHere(byte[] state) {
        return onWorker(() -> {
            parts = FileParts.inNewFolder();
            trainer.write(parts.folder(), TrainerMessages.state(state));
            return parts.message();
        });
    }

    /** Bytes of a file of {@link #writeHere}. */
    public byte[] part(String file, long from, int bytes) {
        return onWorker(() -> FileParts.message(parts.read(file, from, bytes)));
    }

    /** Removes what {@link #writeHere} or {@link #take} left. */
    public byte[] fetched() {
        return onWorker(() -> {
            parts.close();
            return Outcome.nothing();
        });
    }

    /** Takes bytes of a file of a checkpoint that is to be restored; the first begin a new checkpoint. */
    public byte[] take(boolean first, String file, long from, byte[] part) {
        return onWorker(() -> {
            if (first) {
                parts = FileParts.inNewFolder();
            }
            parts.write(file, from, FileParts.bytes(part));
            return Outcome.nothing();
        });
    }

    /** Restores from a folder, or from what {@link #take} took where it is empty; gives the updates made so far. */
    public byte[] restore(String folder) {
        return onWorker(() -> {
            trainer.restore(Checkpoint.open(folder.isEmpty() ? parts.folder() : Path.of(folder)));
            return new MessageWriter(MessageKind.STEPPED).put(trainer.optimizerSteps()).bytes();
        });
    }

    /** Memory since the last call. */
    public byte[] memory() {
        return onWorker(() -> {
            StepMetrics.Builder metrics = StepMetrics.at(0);
            trainer.memory(metrics);
            return TrainerMessages.metrics(metrics.build());
        });
    }
}
