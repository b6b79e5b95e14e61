package org.caprl.core.kernels.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team of threads that all run the same task (SPMD). The caller is member 0, so a team of one has no thread of its own.
 *
 * <p>Waiting spins for a moment, then yields, then parks: quick between the operations of one step, and fair to other processes. Running a
 * task allocates nothing; tasks are objects that live as long as their operation and are filled in before each run.
 */
final class ThreadTeam implements AutoCloseable {
    private static final int SPINS = 200;
    private static final int YIELDS = 500;

    /** What every member does; {@code member} is in [0, members). */
    interface Task {
        void run(int member, int members);
    }

    private final int size;
    private final Worker[] workers;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger arrived = new AtomicInteger();
    private volatile int round;
    private volatile int phase;
    private volatile boolean closed;
    private volatile Throwable failure;
    private Task task;

    ThreadTeam(int size) {
        this.size = size;
        this.workers = new Worker[size - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].start();
        }
    }

    int size() {
        return size;
    }

    /** The threads besides the caller's. */
    Thread[] threads() {
        return workers.clone();
    }

    /** Runs the task on all members and returns when all are done; what one of them threw is thrown here. */
    void run(Task newTask) {
        if (size == 1) {
            newTask.run(0, 1);
            return;
        }
        if (closed) {
            throw new IllegalStateException("this thread team is closed");
        }
        task = newTask;
        running.set(size - 1);
        round++;
        for (Worker worker : workers) {
            if (worker.parked) {
                LockSupport.unpark(worker);
            }
        }
        try {
            newTask.run(0, size);
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        int waited = 0;
        while (running.get() != 0) {
            waited = pause(waited);
        }
        task = null;
        if (failure != null) {
            Throwable e = failure;
            failure = null;
            arrived.set(0);
            throw new IllegalStateException("a kernel failed", e);
        }
    }

    /** Waits until every member of the running task is here. */
    void barrier() {
        if (size == 1) {
            return;
        }
        int now = phase;
        if (arrived.incrementAndGet() == size) {
            arrived.set(0);
            phase = now + 1;
            return;
        }
        int waited = 0;
        while (phase == now) {
            if (failure != null) {
                throw new IllegalStateException("another member of the team failed");
            }
            waited = pause(waited);
        }
    }

    private static int pause(int waited) {
        if (waited < SPINS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
        return waited + 1;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        round++;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    private final class Worker extends Thread {
        private final int member;
        private volatile boolean parked;

        private Worker(int member) {
            super("caprl-cpu-" + member);
            this.member = member;
            setDaemon(true);
        }

        @Override
        public void run() {
            int seen = 0;
            while (true) {
                seen = await(seen);
                if (closed) {
                    return;
                }
                try {
                    task.run(member, size);
                } catch (Throwable e) {
                    failure = e;
                }
                running.decrementAndGet();
            }
        }

        private int await(int seen) {
            int waited = 0;
            while (round == seen) {
                if (waited < SPINS + YIELDS) {
                    waited = pause(waited);
                } else {
                    parked = true;
                    if (round == seen) {
                        LockSupport.park(this);
                    }
                    parked = false;
                }
            }
            return seen + 1;
        }
    }
}
