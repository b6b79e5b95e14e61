package org.caprl.rollout.ray;

import io.ray.api.ActorHandle;
import io.ray.api.ObjectRef;
import io.ray.api.call.ActorCreator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.caprl.core.RunStoppedException;

/**
 * Actors of one kind, a place each. One that is lost is replaced by a new one, which may be on another node.
 *
 * @param <A> their class
 */
public final class RayActorPool<A extends ServingActor> implements AutoCloseable {
    /** In the queue of pieces: there are no more. */
    private static final int END = -1;

    private final Kind<A> kind;
    private final ActorLimits limits;
    private final ActorLosses losses;
    private final List<RayActor<A>> actors = new ArrayList<>();
    private final List<Starting<A>> starting = new ArrayList<>();

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
            starting.add(begin(place));
            actors.add(starting.get(place).actor());
        }
    }

    private record Starting<A extends ServingActor>(RayActor<A> actor, ObjectRef<byte[]> open) {
    }

    private Starting<A> begin(int place) {
        ActorHandle<A> handle = kind.resources().of(kind.create().get()).remote();
        RayActor<A> actor = new RayActor<>(handle, role(place), limits);
        return new Starting<>(actor, kind.open().apply(handle));
    }

    /**
     * Waits until every actor is there with its model.
     *
     * @throws org.caprl.core.RunStoppedException if one is not in time, saying which, or too many were lost
     */
    public void awaitStart() {
        for (int place = 0; place < kind.size(); place++) {
            Starting<A> begun = starting.get(place);
            try {
                begun.actor().started(begun.open());
            } catch (ActorLostException e) {
                replace(place, e, actor -> { });
            }
        }
    }

    private String role(int place) {
        return kind.size() == 1 ? kind.role() : kind.role() + " " + (place + 1);
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
        losses.missing();
        try {
            RuntimeException why = loss;
            while (why != null) {
                get(place).kill();
                losses.add(role(place), why);
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
        } finally {
            losses.replaced();
        }
    }

    /**
     * Has work done by all actors: each takes the next piece when it is free. The piece of one that is lost goes to another.
     *
     * @param work one piece by one actor
     * @return results in the order of the pieces
     */
    public <T, R> List<R> map(List<T> pieces, BiFunction<RayActor<A>, T, R> work) {
        BlockingQueue<Integer> waiting = new LinkedBlockingQueue<>(IntStream.range(0, pieces.size()).boxed().toList());
        List<CompletableFuture<R>> results = Stream.generate(CompletableFuture<R>::new).limit(pieces.size()).toList();
        CompletableFuture<Void> all = CompletableFuture.allOf(results.toArray(CompletableFuture[]::new));
        List<Thread> serving = IntStream.range(0, Math.min(size(), pieces.size())).mapToObj(place -> Thread.ofPlatform().daemon()
                .name(kind.role() + " " + (place + 1)).start(() -> serve(place, pieces, waiting, results, work))).toList();
        all.whenComplete((done, failure) -> serving.forEach(thread -> waiting.add(END)));
        try {
            // Also of those that are putting another actor in the place of a lost one.
            for (Thread thread : serving) {
                thread.join();
            }
            all.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunStoppedException("interrupted while " + kind.role() + "s worked", e);
        }
        return results.stream().map(CompletableFuture::join).toList();
    }

    private <T, R> void serve(int place, List<T> pieces, BlockingQueue<Integer> waiting, List<CompletableFuture<R>> results,
            BiFunction<RayActor<A>, T, R> work) {
        try {
            for (int piece = waiting.take(); piece != END; piece = waiting.take()) {
                try {
                    results.get(piece).complete(work.apply(get(place), pieces.get(piece)));
                } catch (ActorLostException e) {
                    waiting.add(piece);
                    replace(place, e, actor -> { });
                }
            }
        } catch (Throwable e) {
            // Also errors of the JVM: the other threads wait for these pieces.
            RuntimeException failure = e instanceof RuntimeException r ? r : new IllegalStateException(e);
            results.forEach(result -> result.completeExceptionally(failure));
        }
    }

    /** Ends all actors. */
    @Override
    public void close() {
        all().forEach(RayActor::kill);
    }
}
