package org.caprl.rollout.ray;

import io.ray.api.ObjectRef;
import io.ray.api.Ray;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.generate.GenerationCounts;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.SamplingParams;
import org.caprl.rollout.CaptionEngine;
import org.caprl.rollout.CaptionRequest;
import org.caprl.rollout.message.MessageKind;
import org.caprl.rollout.message.MessageReader;
import org.caprl.rollout.pool.CaptionCall;
import org.caprl.rollout.pool.CaptionPool;
import org.caprl.rollout.pool.CaptionReply;
import org.caprl.rollout.pool.CaptionWriter;
import org.caprl.rollout.pool.CaptionWriters;
import org.caprl.rollout.pool.WriterLostException;
import org.caprl.rollout.weights.WeightPublisher;
import org.caprl.rollout.weights.WeightReceiver;
import org.caprl.rollout.weights.WeightSet;

/** Captions by a pool of {@link CaptionActor}s. */
public final class RayCaptionEngine implements CaptionEngine {
    /** A step that is shorter is over before another has begun; and an actor whose JVM is not warm yet is no straggler. */
    private static final Duration TAKE_OVER = Duration.ofSeconds(10);

    private final RayActorPool<CaptionActor> actors;
    private final CaptionPool pool;
    private final PromptStore prompts;
    private final WeightExporter exporter;
    private final WeightPublisher publisher;
    private final ActorLimits limits;
    /** What the actors have; null while it is what they loaded. */
    private WeightSet<ObjectRef<byte[]>> weights;
    private long version;

    /**
     * An engine; begins to start its actors.
     *
     * @param size number of actors
     * @param prompts shared with whoever sends the same prompts elsewhere
     * @param exporter gives the weights of each version
     */
    public RayCaptionEngine(int size, EngineSetup setup, ActorResources resources, ActorLimits limits, ActorLosses losses,
            PromptStore prompts, WeightExporter exporter) {
        this.prompts = prompts;
        this.exporter = exporter;
        this.limits = limits;
        this.publisher = new WeightPublisher(limits.call());
        byte[] message = setup.message();
        this.actors = new RayActorPool<>(new RayActorPool.Kind<>("caption actor", size, () -> Ray.actor(CaptionActor::new),
                handle -> handle.task(CaptionActor::open, message).remote(), resources), limits, losses);
        Duration answer = limits.silence().dividedBy(4);
        Duration usual = Duration.ofSeconds(2);
        this.pool = new CaptionPool(new Writers(), setup.limits().decodeRows(), new CaptionPool.Patience(
                answer.compareTo(usual) < 0 ? answer : usual, limits.call(), TAKE_OVER));
    }

    /** Waits until every actor is there with its model. */
    public void awaitStart() {
        actors.awaitStart();
    }

    @Override
    public List<RolloutGroup> caption(List<CaptionRequest> requests, SamplingParams params, GenerationListener listener) {
        return pool.caption(requests, params, version, listener);
    }

    /** Has the trainer's weights exported and given to every actor. */
    @Override
    public void install(long newVersion) {
        if (newVersion < version) {
            throw new IllegalArgumentException("weights of version " + newVersion + " are older than those in use, " + version);
        }
        WeightSet<ObjectRef<byte[]>> exported = exporter.export(newVersion);
        List<Receiver> receivers = IntStream.range(0, actors.size()).mapToObj(Receiver::new).toList();
        // An actor that is lost meanwhile is replaced, and its successor gets these.
        weights = exported;
        version = newVersion;
        publisher.publish(exported, receivers);
    }

    @Override
    public long weightVersion() {
        return version;
    }

    @Override
    public GenerationCounts counts() {
        return pool.counts();
    }

    /** Captions that counted so far, by actor. */
    public long[] captionsByActor() {
        return pool.captions();
    }

    /** Calls of all actors for captions so far. */
    public long exchanges() {
        return pool.exchanges();
    }

    /** The actors. */
    public RayActorPool<CaptionActor> actors() {
        return actors;
    }

    @Override
    public void close() {
        pool.close();
        actors.close();
    }

    private static WeightReceiver.Confirmation confirmed(byte[] reply) {
        MessageReader reader = new MessageReader(reply, MessageKind.WEIGHTS);
        WeightReceiver.Confirmation confirmation = new WeightReceiver.Confirmation(reader.number(), reader.text());
        reader.end();
        return confirmation;
    }

    private ObjectRef<byte[]> begin(RayActor<CaptionActor> actor, WeightSet<ObjectRef<byte[]>> set) {
        return actor.begin(handle -> handle.task(CaptionActor::install, set.packet().message(), set.chunks()).remote());
    }

    private WeightReceiver.Confirmation confirmation(RayActor<CaptionActor> actor, ObjectRef<byte[]> reply, long of, Duration limit) {
        try {
            return confirmed(actor.answer(reply, limit, "weights of version " + of));
        } catch (ObjectsLostException e) {
            throw exporter.gone(e);
        }
    }

    /** Makes the successor of a lost actor ready: it has what it loaded, and gets the weights in use. */
    private void ready(RayActor<CaptionActor> actor) {
        if (weights != null) {
            WeightPublisher.check(weights.packet(), actor.name(), confirmation(actor, begin(actor, weights), version, limits.call()));
        }
    }

    /** An actor as the publisher sees it. */
    private final class Receiver implements WeightReceiver<ObjectRef<byte[]>> {
        private final int place;

        Receiver(int place) {
            this.place = place;
        }

        @Override
        public String name() {
            return actors.get(place).name();
        }

        @Override
        public Pending install(WeightSet<ObjectRef<byte[]>> set) {
            RayActor<CaptionActor> actor = actors.get(place);
            ObjectRef<byte[]> reply = begin(actor, set);
            return limit -> {
                try {
                    return confirmation(actor, reply, set.packet().version(), limit);
                } catch (ActorLostException e) {
                    actors.replace(place, e, RayCaptionEngine.this::ready);
                    return new Confirmation(set.packet().version(), set.packet().digest());
                }
            };
        }
    }

    /** The actors as the pool sees them. */
    private final class Writers implements CaptionWriters {
        @Override
        public int size() {
            return actors.size();
        }

        @Override
        public CaptionWriter writer(int place) {
            return new Writer(actors.get(place));
        }

        @Override
        public void replace(int place, WriterLostException loss) {
            actors.replace(place, loss, RayCaptionEngine.this::ready);
        }
    }

    private final class Writer implements CaptionWriter {
        private final RayActor<CaptionActor> actor;

        Writer(RayActor<CaptionActor> actor) {
            this.actor = actor;
        }

        @Override
        public String name() {
            return actor.name();
        }

        @Override
        public CaptionReply exchange(CaptionCall call) {
            byte[] message = CaptionMessages.call(call);
            List<ObjectRef<byte[]>> refs = call.groups().stream().map(item -> prompts.ref(item.request().prompt())).toList();
            try {
                ObjectRef<byte[]> reply = actor.begin(handle -> handle.task(CaptionActor::exchange, message, refs).remote());
                return CaptionMessages.reply(actor.await(reply, limits.silence(),
                        "a sign of life of " + actor.name() + " (ray.limits.silence_seconds)"));
            } catch (ActorLostException e) {
                throw new WriterLostException(e.getMessage(), e);
            }
        }
    }
}
