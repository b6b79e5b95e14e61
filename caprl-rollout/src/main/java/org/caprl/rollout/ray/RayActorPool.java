package org.caprl.rollout.ray;

import io.ray.api.ActorHandle;
import io.ray.api.ObjectRef;
import io.ray.api.call.ActorCreator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Actors of one kind, a place each. One that is lost is replaced by a new one, which may be on another node.
 *
 * @param <A> their class
 */
public final class RayActorPool<A extends ServingActor> implements AutoCloseable {
    private final Kind<A> kind;
    private final ActorLimits limits;
    private final ActorLosses losses;
    private final List<RayActor<A>> actors = new ArrayList<>();

    /**
     * What actors of a pool are made of.
     *
     * @param role in names: {@code caption actor}
     * @param size number of places
     * @param create an actor, not started
     * @param open loads what it works with
     * @param resources that each takes
     */
    public record Kind<A>(String role, int size, Supplier<ActorCreator<A>> create, Function<ActorHandle<A>, ObjectRef<byte[]>> open,
            ActorResources resources) {
    }

    /** Begins to start all actors; {@link #awaitStart} waits for them. */
    public RayActorPool(Kind<A> kind, ActorLimits limits, ActorLosses losses) {
        this.kind = kind;
        this.limits = limits;
        this.losses = losses;
        for (int place = 0; place < kind.size(); place++) {
            actors.add(null);
        }
        this.starting = new ArrayList<>();
        for (int place = 0; place < kind.size(); place++) {
            starting.add(begin(place));
        }
    }

    private final List<Starting<A>> starting;

    private record Starting<A extends ServingActor>(RayActor<A> actor, ObjectRef<byte[]> open) {
    }

    private Starting<A> begin(int place) {
        ActorHandle<A> handle = kind.resources().of(kind.create().get()).remote();
        RayActor<A> actor = new RayActor<>(handle, kind.size() == 1 ? kind.role() : kind.role() + " " + (place + 1), limits);
        return new Starting<>(actor, kind.open().apply(handle));
    }

    /** Waits until every actor is there with its model. @throws ActorLostException if one is not in time, saying which */
    public void awaitStart() {
        for (int place = 0; place < kind.size(); place++) {
            Starting<A> begun = starting.get(place);
            begun.actor().started(begun.open());
            set(place, begun.actor());
        }
    }

    private synchronized void set(int place, RayActor<A> actor) {
        actors.set(place, actor);
    }

    /** Number of places. */
    public int size() {
        return kind.size();
    }

    /** The actor of a place. */
    public synchronized RayActor<A> get(int place) {
        return actors.get(place);
    }

    /** All actors. */
    public synchronized List<RayActor<A>> all() {
        return List.copyOf(actors);
    }

    /**
     * Ends an actor that was lost and starts another in its place, and another if that is lost too.
     *
     * @param ready makes the new one ready for work
     * @throws org.caprl.core.RunStoppedException if too many were lost
     */
    public void replace(int place, RuntimeException loss, Consumer<RayActor<A>> ready) {
        long begin = System.nanoTime();
        RuntimeException why = loss;
        while (why != null) {
            get(place).kill();
            losses.add(why);
            Starting<A> begun = begin(place);
            set(place, begun.actor());
            try {
                begun.actor().started(begun.open());
                ready.accept(begun.actor());
                why = null;
            } catch (ActorLostException e) {
                why = e;
            }
        }
        losses.recovered(System.nanoTime() - begin);
    }

    /** Ends all actors. */
    @Override
    public void close() {
        starting.forEach(begun -> begun.actor().kill());
        all().stream().filter(actor -> actor != null).forEach(RayActor::kill);
    }
}
