package org.caprl.rollout.ray;

import io.ray.api.ActorHandle;
import io.ray.api.ObjectRef;
import io.ray.api.Ray;
import io.ray.api.exception.RayActorException;
import io.ray.api.exception.RayException;
import io.ray.api.exception.RayTaskException;
import io.ray.api.exception.RayTimeoutException;
import java.time.Duration;
import java.util.function.Function;
import org.caprl.core.RunStoppedException;

/**
 * One actor, alive as far as is known.
 *
 * @param <A> its class
 */
public final class RayActor<A extends ServingActor> {
    private final ActorHandle<A> handle;
    private final ActorLimits limits;
    private final String role;
    private volatile String name;
    private volatile ServingActor.Place place;

    /** @param role what it is, for errors: {@code caption actor 2} */
    RayActor(ActorHandle<A> handle, String role, ActorLimits limits) {
        this.handle = handle;
        this.role = role;
        this.name = role;
        this.limits = limits;
    }

    /** What it is and where: {@code caption actor 2 (process 4711 on node 10.0.0.3)}. */
    public String name() {
        return name;
    }

    /** Where it runs. */
    public ServingActor.Place place() {
        return place;
    }

    /**
     * Waits until it runs and its model is loaded.
     *
     * @param open the call that loads it
     * @throws ActorLostException if it died
     * @throws RunStoppedException if it is not there in time
     */
    void started(ObjectRef<byte[]> open) {
        long end = System.nanoTime() + limits.start().toNanos();
        try {
            place = ServingActor.Place.of(await(handle.task(ServingActor::place).remote(), limits.start(),
                    role + " to start (ray.limits.start_seconds; is there a node with room for it?)"));
            name = role + " (process " + place.pid() + " on node " + place.node() + ")";
            await(open, Duration.ofNanos(Math.max(1, end - System.nanoTime())), name + " to load its model (ray.limits.start_seconds)");
        } catch (ActorLostException e) {
            throw e.getCause() instanceof RayTimeoutException ? new RunStoppedException(e.getMessage(), e) : e;
        }
    }

    /**
     * Calls a method that gives an {@link Outcome}, and waits for it as {@link #answer} does, as long as a call may take.
     *
     * @param what is waited for, for errors
     */
    public byte[] call(Function<ActorHandle<A>, ObjectRef<byte[]>> method, String what) {
        return answer(method.apply(handle), limits.call(), what);
    }

    /**
     * The outcome of a call, which may take long while the actor gives signs of life.
     *
     * @param what is waited for, for errors
     * @throws ActorLostException if the actor died, is silent, or takes longer than the limit
     */
    public byte[] answer(ObjectRef<byte[]> result, Duration limit, String what) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                long wait = Math.min(limits.silence().toNanos() / 2, end - System.nanoTime());
                return Outcome.require(Ray.get(result, millis(Duration.ofNanos(wait))), name);
            } catch (RayTimeoutException e) {
                if (System.nanoTime() >= end) {
                    throw new ActorLostException(name + " has not come to an end with " + what + " in " + limit.toSeconds()
                            + " s (ray.limits.call_seconds)", e);
                }
                signOfLife();
            } catch (RayException e) {
                throw lost(e);
            }
        }
    }

    private void signOfLife() {
        try {
            Ray.get(handle.task(ServingActor::alive).remote(), millis(limits.silence().dividedBy(2)));
        } catch (RayTimeoutException e) {
            throw new ActorLostException(name + " gives no sign of life for " + limits.silence().toSeconds()
                    + " s (ray.limits.silence_seconds)", e);
        } catch (RayException e) {
            throw lost(e);
        }
    }

    /**
     * The outcome of a call that is itself a sign of life: it must be there within a limit.
     *
     * @throws ActorLostException if it is not
     */
    public byte[] await(ObjectRef<byte[]> result, Duration limit, String what) {
        try {
            return Outcome.require(Ray.get(result, millis(limit)), name);
        } catch (RayTimeoutException e) {
            throw new ActorLostException("waited " + limit.toSeconds() + " s for " + what + ", in vain", e);
        } catch (RayException e) {
            throw lost(e);
        }
    }

    /** Begins a call. */
    public <T> T begin(Function<ActorHandle<A>, T> call) {
        return call.apply(handle);
    }

    private RuntimeException lost(RayException e) {
        if (e instanceof RayTaskException && !(e.getCause() instanceof RayActorException)) {
            return new RunStoppedException(name + ": " + e.getMessage(), e);
        }
        return new ActorLostException(name + " was lost: " + firstLine(e), e);
    }

    private static String firstLine(Throwable e) {
        String message = String.valueOf(e.getMessage()).strip();
        return message.lines().findFirst().orElse(e.getClass().getSimpleName());
    }

    private static int millis(Duration limit) {
        return (int) Math.clamp(limit.toMillis(), 1, Integer.MAX_VALUE);
    }

    /** Ends it, whether it answers or not; it does not come back. */
    void kill() {
        handle.kill(true);
    }
}
