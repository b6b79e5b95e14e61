package org.caprl.reward.server;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * What waits for the answerer, and the one thread that asks it. Whatever waits is asked together, up to a limit: of every request in turn
 * one item, so that a large request does not keep a small one waiting. How items are put together does not change what comes out.
 *
 * <p>A request with which the answerer fails does not take its neighbours with it: each is then tried by itself.
 */
final class AnswerQueue {
    private static final int MOST_RETRY_SECONDS = 60;

    private final Limits limits;
    private final Consumer<Batch> onBatch;
    private final Thread worker;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** In the order of their turns. */
    private final Deque<Job<?, ?>> waiting = new ArrayDeque<>();
    private int waitingQuestions;
    private boolean closed;
    private volatile double questionsPerSecond;

    /**
     * What can be asked in one go. Two that are equal may be asked together.
     *
     * @param <I> an item
     * @param <O> what comes out for it
     */
    interface Work<I, O> {
        /** One result an item, in order. */
        List<O> run(List<I> items);

        /** Questions of an item: its size. */
        int questions(I item);
    }

    /**
     * Limits.
     *
     * @param waiting most questions that wait
     * @param batch questions that are asked together, at least one item
     */
    record Limits(int waiting, int batch) {
    }

    /**
     * What was asked together.
     *
     * @param items of any request
     * @param questions of all items
     * @param nanos that it took
     */
    record Batch(int items, int questions, long nanos) {
    }

    /** A request's items and, as they come, their results. */
    private static final class Job<I, O> {
        private final Work<I, O> work;
        private final List<I> items;
        private final Object[] results;
        private final CompletableFuture<List<O>> future = new CompletableFuture<>();
        private int taken;
        private int finished;

        Job(Work<I, O> work, List<I> items) {
            this.work = work;
            this.items = items;
            this.results = new Object[items.size()];
        }

        @SuppressWarnings("unchecked")
        void put(int index, Object result) {
            results[index] = result;
            if (++finished == results.length) {
                future.complete((List<O>) Collections.unmodifiableList(Arrays.asList(results)));
            }
        }
    }

    /** An item on its way to the answerer. */
    private record Taken(Job<?, ?> job, int index) {
        int questions() {
            return questions(job, index);
        }

        private static <I> int questions(Job<I, ?> job, int index) {
            return job.work.questions(job.items.get(index));
        }
    }

    /** A queue with its thread. @param onBatch is told of every batch, on that thread */
    AnswerQueue(Limits limits, Consumer<Batch> onBatch) {
        this.limits = limits;
        this.onBatch = onBatch;
        this.worker = Thread.ofPlatform().name("answers").start(this::work);
    }

    /**
     * Puts items into the queue. Cancelling the future takes out what the answerer does not have yet.
     *
     * @throws RequestFault 429 if there is no room now, 413 if there never is, 503 if the queue is closed
     */
    <I, O> CompletableFuture<List<O>> submit(Work<I, O> work, List<I> items) {
        if (items.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
        }
        int questions = items.stream().mapToInt(work::questions).sum();
        if (questions > limits.waiting()) {
            throw new RequestFault(RequestFault.TOO_LARGE, "the request asks " + questions + " questions, and at most " + limits.waiting()
                    + " may wait at a time; split it, or raise --max-queue");
        }
        Job<I, O> job = new Job<>(work, List.copyOf(items));
        lock.lock();
        try {
            if (closed) {
                throw new RequestFault(RequestFault.UNAVAILABLE, "the server is stopping");
            }
            if (waitingQuestions + questions > limits.waiting()) {
                throw RequestFault.later(RequestFault.TOO_MANY, waitingQuestions + " questions wait already, and " + questions
                        + " more would be over the " + limits.waiting() + " of --max-queue", retrySeconds());
            }
            waitingQuestions += questions;
            waiting.addLast(job);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        job.future.whenComplete((_, failure) -> {
            if (failure != null) {
                withdraw(job);
            }
        });
        return job.future;
    }

    /** Time until half of what waits will be answered. */
    private int retrySeconds() {
        double seconds = questionsPerSecond > 0 ? waitingQuestions / questionsPerSecond / 2 : 1;
        return (int) Math.clamp(Math.ceil(seconds), 1, MOST_RETRY_SECONDS);
    }

    private void withdraw(Job<?, ?> job) {
        lock.lock();
        try {
            if (waiting.remove(job)) {
                for (; job.taken < job.items.size(); job.taken++) {
                    waitingQuestions -= new Taken(job, job.taken).questions();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Questions that wait. */
    int waitingQuestions() {
        lock.lock();
        try {
            return waitingQuestions;
        } finally {
            lock.unlock();
        }
    }

    /** Of the last batch. */
    double questionsPerSecond() {
        return questionsPerSecond;
    }

    private void work() {
        for (List<Taken> batch = take(); !batch.isEmpty(); batch = take()) {
            long start = System.nanoTime();
            Map<Work<?, ?>, List<Taken>> byWork = new LinkedHashMap<>();
            batch.forEach(taken -> byWork.computeIfAbsent(taken.job().work, _ -> new ArrayList<>()).add(taken));
            byWork.values().forEach(AnswerQueue::ask);
            int questions = batch.stream().mapToInt(Taken::questions).sum();
            Batch done = new Batch(batch.size(), questions, System.nanoTime() - start);
            questionsPerSecond = questions / Math.max(1e-9, done.nanos() / 1e9);
            onBatch.accept(done);
        }
    }

    /** Waits for something to ask; nothing comes only after the end. */
    private List<Taken> take() {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                changed.awaitUninterruptibly();
            }
            List<Taken> batch = new ArrayList<>();
            int questions = 0;
            while (!waiting.isEmpty()) {
                Job<?, ?> job = waiting.getFirst();
                Taken next = new Taken(job, job.taken);
                if (!batch.isEmpty() && questions + next.questions() > limits.batch()) {
                    break;
                }
                questions += next.questions();
                waitingQuestions -= next.questions();
                batch.add(next);
                waiting.removeFirst();
                if (++job.taken < job.items.size()) {
                    waiting.addLast(job);
                }
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** Asks items of equal work together, and, if that fails, each request's by themselves. */
    private static void ask(List<Taken> batch) {
        Set<Job<?, ?>> jobs = new LinkedHashSet<>();
        batch.forEach(taken -> jobs.add(taken.job()));
        try {
            run(batch.getFirst().job().work, batch);
        } catch (RuntimeException | Error failure) {
            if (jobs.size() == 1) {
                batch.getFirst().job().future.completeExceptionally(failure);
            } else {
                jobs.forEach(job -> ask(batch.stream().filter(taken -> taken.job() == job).toList()));
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <I, O> void run(Work<I, O> work, List<Taken> batch) {
        List<I> items = batch.stream().map(taken -> (I) taken.job().items.get(taken.index())).toList();
        List<O> results = work.run(items);
        if (results.size() != items.size()) {
            throw new IllegalStateException(results.size() + " results for " + items.size() + " items");
        }
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).job().put(batch.get(i).index(), results.get(i));
        }
    }

    /** Takes nothing more and waits until everything that waits is answered; what is not by then fails. */
    void close(Duration most) {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            if (!worker.join(most)) {
                abandon();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            abandon();
        }
    }

    /** Waits until the queue is closed and nothing is asked any more. */
    void awaitEnd() {
        try {
            worker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void abandon() {
        List<Job<?, ?>> left;
        lock.lock();
        try {
            left = List.copyOf(waiting);
        } finally {
            lock.unlock();
        }
        left.forEach(job -> job.future.completeExceptionally(
                new RequestFault(RequestFault.UNAVAILABLE, "the server stopped before it came to this request")));
    }
}
