package org.caprl.trainer.launch;

import io.ray.api.ActorHandle;
import io.ray.api.ObjectRef;
import io.ray.api.Ray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.DiskFailure;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.rollout.message.MessageKind;
import org.caprl.rollout.message.MessageReader;
import org.caprl.rollout.ray.ActorLimits;
import org.caprl.rollout.ray.ActorLosses;
import org.caprl.rollout.ray.ActorLostException;
import org.caprl.rollout.ray.ActorResources;
import org.caprl.rollout.ray.ObjectsLostException;
import org.caprl.rollout.ray.PromptStore;
import org.caprl.rollout.ray.RayActor;
import org.caprl.rollout.ray.RayActorPool;
import org.caprl.rollout.ray.WeightExporter;
import org.caprl.rollout.weights.WeightPacket;
import org.caprl.rollout.weights.WeightSet;
import org.caprl.trainer.config.RaySection.Checkpoints;
import org.caprl.trainer.state.Checkpoint;
import org.caprl.trainer.state.RunDirectory;
import org.caprl.trainer.state.TrainState;
import org.caprl.trainer.update.TrainingGroup;
import org.caprl.trainer.update.UpdateReport;

/** The policy and its optimizer in a {@link TrainerActor}. */
final class RayPolicyTrainer implements PolicyTrainer, WeightExporter {
    private static final int PROBE_BYTES = 16;

    private final RayActorPool<TrainerActor> pool;
    private final PromptStore prompts;
    private final Checkpoints checkpoints;
    private int optimizerSteps;

    /**
     * A trainer; begins to start its actor.
     *
     * @param yaml the run's configuration, portable
     * @param threads of its backend
     */
    RayPolicyTrainer(String yaml, int threads, Checkpoints checkpoints, ActorResources resources, ActorLimits limits, ActorLosses losses,
            PromptStore prompts) {
        this.checkpoints = checkpoints;
        this.prompts = prompts;
        this.pool = new RayActorPool<>(new RayActorPool.Kind<>("trainer actor", 1, () -> Ray.actor(TrainerActor::new),
                handle -> handle.task(TrainerActor::open, yaml, threads).remote(), resources), limits, losses);
    }

    /** Waits until it is there with its model. */
    void awaitStart() {
        pool.awaitStart();
    }

    private RayActor<TrainerActor> actor() {
        return pool.get(0);
    }

    private byte[] call(Function<ActorHandle<TrainerActor>, ObjectRef<byte[]>> method, String what) {
        try {
            return actor().call(method, what);
        } catch (ActorLostException e) {
            throw new TrainerLostException(e.getMessage(), e);
        }
    }

    @Override
    public UpdateReport step(List<TrainingGroup> groups) {
        byte[] message = TrainerMessages.groups(groups);
        List<ObjectRef<byte[]>> refs = groups.stream().map(group -> prompts.ref(group.prompt())).toList();
        MessageReader reply = new MessageReader(call(trainer -> trainer.task(TrainerActor::step, message, refs).remote(), "the update"),
                MessageKind.STEPPED);
        UpdateReport report = TrainerMessages.report(reply.byteArray());
        optimizerSteps = reply.integer();
        reply.end();
        return report;
    }

    /** Their bytes stay in the object store: they are results that the driver owns, but does not fetch. */
    @Override
    public WeightSet<ObjectRef<byte[]>> export(long version) {
        WeightPacket packet = WeightPacket.of(call(trainer -> trainer.task(TrainerActor::export, version).remote(),
                "the digest of the weights"));
        List<ObjectRef<byte[]>> chunks = new ArrayList<>();
        for (int chunk = 0; chunk < packet.chunks(); chunk++) {
            int number = chunk;
            chunks.add(actor().begin(trainer -> trainer.task(TrainerActor::weights, number).remote()));
        }
        return new WeightSet<>(packet, chunks);
    }

    /** The newest weights are nowhere but in the object store of the trainer's node: who can't read them has lost the trainer. */
    @Override
    public RuntimeException gone(ObjectsLostException cause) {
        return new TrainerLostException("the weights of " + actor().name() + " are gone: " + cause.getMessage(), cause);
    }

    @Override
    public void check(RunDirectory directory) {
        MessageReader reply = new MessageReader(call(trainer -> trainer.task(TrainerActor::checkpointBytes).remote(), "its size"),
                MessageKind.FILES);
        directory.requireSpace(reply.number());
        if (checkpoints == Checkpoints.SHARED) {
            probe(directory.path().toAbsolutePath());
        }
    }

    /** The trainer writes a file that this process must find. */
    private void probe(Path folder) {
        byte[] bytes = new byte[PROBE_BYTES];
        new SecureRandom().nextBytes(bytes);
        Path file = folder.resolve(".probe-" + HexFormat.of().formatHex(bytes));
        try {
            call(trainer -> trainer.task(TrainerActor::probe, file.toString(), bytes).remote(), "a file in the run's directory");
            if (!Files.isRegularFile(file) || !Arrays.equals(Files.readAllBytes(file), bytes)) {
                throw new InputException(actor().name() + " wrote into " + folder + ", and here nothing is to be seen: it is another "
                        + "folder of that name. Put run.output on a disk that both see, or use ray.checkpoints=fetched");
            }
        } catch (IOException e) {
            throw DiskFailure.writing(file, e);
        } finally {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw DiskFailure.writing(file, e);
            }
        }
    }

    @Override
    public void write(Path folder, TrainState state) {
        byte[] message = TrainerMessages.state(state);
        if (checkpoints == Checkpoints.SHARED) {
            String absolute = folder.toAbsolutePath().toString();
            call(trainer -> trainer.task(TrainerActor::write, absolute, message).remote(), "a checkpoint");
            return;
        }
        FileParts here = new FileParts(folder);
        for (FileParts.Entry file : FileParts.entries(call(trainer -> trainer.task(TrainerActor::writeHere, message).remote(),
                "a checkpoint"))) {
            long at = 0;
            do {
                long from = at;
                int bytes = (int) Math.min(FileParts.PART_BYTES, file.bytes() - from);
                byte[] part = call(trainer -> trainer.task(TrainerActor::part, file.name(), from, bytes).remote(),
                        "a part of a checkpoint");
                here.write(file.name(), from, FileParts.bytes(part));
                at += bytes;
            } while (at < file.bytes());
        }
        call(trainer -> trainer.task(TrainerActor::fetched).remote(), "the end of a checkpoint");
    }

    @Override
    public void restore(Checkpoint checkpoint) {
        String folder = checkpoint.folder().toAbsolutePath().toString();
        if (checkpoints == Checkpoints.FETCHED) {
            send(new FileParts(checkpoint.folder()));
            folder = "";
        }
        String from = folder;
        byte[] restored = call(trainer -> trainer.task(TrainerActor::restore, from).remote(), "a checkpoint's weights");
        MessageReader reply = new MessageReader(restored, MessageKind.STEPPED);
        optimizerSteps = reply.integer();
        if (checkpoints == Checkpoints.FETCHED) {
            call(trainer -> trainer.task(TrainerActor::fetched).remote(), "the end of a checkpoint");
        }
    }

    private void send(FileParts here) {
        boolean first = true;
        for (FileParts.Entry file : here.entries()) {
            long at = 0;
            do {
                long from = at;
                boolean begin = first;
                byte[] bytes = here.read(file.name(), from, (int) Math.min(FileParts.PART_BYTES, file.bytes() - from));
                byte[] part = FileParts.message(bytes);
                call(trainer -> trainer.task(TrainerActor::take, begin, file.name(), from, part).remote(), "a part of a checkpoint");
                first = false;
                at += bytes.length;
            } while (at < file.bytes());
        }
    }

    @Override
    public int optimizerSteps() {
        return optimizerSteps;
    }

    @Override
    public void memory(StepMetrics.Builder metrics) {
        metrics.putAll(TrainerMessages.metrics(call(trainer -> trainer.task(TrainerActor::memory).remote(), "its memory")));
    }

    @Override
    public void close() {
        pool.close();
    }
}
