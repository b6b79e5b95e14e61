package org.caprl.rollout.ray;

import io.ray.api.ObjectRef;
import io.ray.api.Ray;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.RunStoppedException;
import org.caprl.rollout.message.MessageKind;
import org.caprl.rollout.message.MessageReader;
import org.caprl.rollout.weights.WeightPacket;
import org.caprl.rollout.weights.WeightPublisher;
import org.caprl.rollout.weights.WeightReceiver;
import org.caprl.rollout.weights.WeightSet;

/** Measures how weights get from a trainer to caption actors: in the way of a run, with weights of no model. */
public final class WeightBroadcast {
    /** Bytes of a matrix of the weights. */
    public static final int MATRIX_BYTES = 16 << 20;
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final ActorLimits LIMITS = new ActorLimits(LIMIT, LIMIT, Duration.ofMinutes(1));
    private static final int WARMUPS = 2;

    private final int repeats;

    /** @param repeats timed rounds of each size */
    public WeightBroadcast(int repeats) {
        this.repeats = repeats;
    }

    /**
     * Medians of all rounds.
     *
     * @param bytes of the weights
     * @param actors that took them
     * @param exportSeconds until the trainer has said what its weights are, with their digest
     * @param publishSeconds from then on, until every actor has confirmed them
     * @param putSeconds until {@code Ray.put} has as many bytes in the object store, from this process
     */
    public record Times(long bytes, int actors, double exportSeconds, double publishSeconds, double putSeconds) {
        /** Bytes that arrived, of all actors, in a second of both. */
        public double bytesPerSecond() {
            return bytes * actors / (exportSeconds + publishSeconds);
        }

        /** Bytes that {@code Ray.put} took in a second. */
        public double putBytesPerSecond() {
            return bytes / putSeconds;
        }
    }

    /** Measures on the cluster that this JVM is connected to. @param matrices of {@value #MATRIX_BYTES} bytes each */
    public Times measure(int matrices, int actors) {
        ActorLosses losses = new ActorLosses(0, "the benchmark");
        try (RayActorPool<WeightsActor> sender = pool("sender", 1, matrices, losses);
                RayActorPool<WeightsActor> takers = pool("taker", actors, matrices, losses)) {
            sender.awaitStart();
            takers.awaitStart();
            double[] exports = new double[repeats];
            double[] publishes = new double[repeats];
            double[] puts = new double[repeats];
            for (int round = -WARMUPS; round < repeats; round++) {
                int at = Math.max(0, round);
                long begin = System.nanoTime();
                WeightSet<ObjectRef<byte[]>> set = export(sender.get(0), round + WARMUPS + 1L);
                long exported = System.nanoTime();
                new WeightPublisher(LIMIT).publish(set, takers.all().stream().map(Taker::new).toList());
                long published = System.nanoTime();
                exports[at] = (exported - begin) / 1e9;
                publishes[at] = (published - exported) / 1e9;
                puts[at] = put(set.packet());
            }
            return new Times((long) matrices * MATRIX_BYTES, actors, median(exports), median(publishes), median(puts));
        } catch (ActorLostException e) {
            throw new RunStoppedException(e.getMessage(), e);
        }
    }

    private static RayActorPool<WeightsActor> pool(String role, int size, int matrices, ActorLosses losses) {
        return new RayActorPool<>(new RayActorPool.Kind<>(role, size, () -> Ray.actor(WeightsActor::new),
                handle -> handle.task(WeightsActor::open, matrices).remote(), new ActorResources(0, 0, 0, List.of())), LIMITS, losses);
    }

    private static WeightSet<ObjectRef<byte[]>> export(RayActor<WeightsActor> sender, long version) {
        WeightPacket packet = WeightPacket.of(sender.call(handle -> handle.task(WeightsActor::export, version).remote(), "a digest"));
        List<ObjectRef<byte[]>> chunks = new ArrayList<>();
        for (int chunk = 0; chunk < packet.chunks(); chunk++) {
            int number = chunk;
            chunks.add(sender.begin(handle -> handle.task(WeightsActor::weights, number).remote()));
        }
        return new WeightSet<>(packet, chunks);
    }

    private static double put(WeightPacket packet) {
        List<byte[]> chunks = new ArrayList<>();
        for (int chunk = 0; chunk < packet.chunks(); chunk++) {
            chunks.add(new byte[packet.chunkBytes(chunk)]);
        }
        long begin = System.nanoTime();
        chunks.forEach(Ray::put);
        return (System.nanoTime() - begin) / 1e9;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** An actor as the publisher sees it. */
    private record Taker(RayActor<WeightsActor> actor) implements WeightReceiver<ObjectRef<byte[]>> {
        @Override
        public String name() {
            return actor.name();
        }

        @Override
        public Pending install(WeightSet<ObjectRef<byte[]>> set) {
            ObjectRef<byte[]> reply = actor.begin(
                    handle -> handle.task(WeightsActor::install, set.packet().message(), set.chunks()).remote());
            return limit -> {
                MessageReader reader = new MessageReader(actor.answer(reply, limit, "weights"), MessageKind.WEIGHTS);
                Confirmation confirmation = new Confirmation(reader.number(), reader.text());
                reader.end();
                return confirmation;
            };
        }
    }
}
