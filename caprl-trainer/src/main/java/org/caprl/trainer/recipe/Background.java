package org.caprl.trainer.recipe;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A piece of work on a thread of its own.
 *
 * @param <T> its result
 */
final class Background<T> {
    private final FutureTask<T> task;

    /** Starts it. @param name of the thread */
    Background(String name, Callable<T> work) {
        this.task = new FutureTask<>(work);
        Thread.ofPlatform().name(name).daemon().start(task);
    }

    /** Waits for the result; what the work threw is thrown here. */
    T join() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Throws what the work threw, if it has. */
    void rethrow() {
        if (task.state() == FutureTask.State.FAILED) {
            join();
        }
    }

    /** Waits for the end, however it ends. */
    void end() {
        try {
            join();
        } catch (RuntimeException e) {
            // Whoever ends work early has a failure of his own, or wants none of this.
        }
    }
}
