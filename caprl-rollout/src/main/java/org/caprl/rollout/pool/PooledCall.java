package org.caprl.rollout.pool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.caprl.core.RunStoppedException;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.GenerationCounts;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.SamplingParams;
import org.caprl.rollout.CaptionRequest;

/** One call of {@link CaptionPool#caption}: a thread a place, which all share what is here. */
final class PooledCall {
    /** Answers that a place gives while it works on one batch, where somebody works with them meanwhile. */
    private static final int ANSWERS = 4;
    private static final int[] NONE = {};

    private final long number;
    private final long weightVersion;
    private final List<CaptionRequest> requests;
    private final SamplingParams params;
    private final GenerationListener listener;
    private final GroupDispatch dispatch;
    private final CaptionWriters writers;
    private final CaptionPool.Patience patience;
    private final long begin = System.nanoTime();
    private final int total;
    private final List<List<Caption>> captions;
    private final long[] captionsOf;
    private final long[] sampledOf;
    /** Decode steps of the batches that a place was given first-hand, one after the other. */
    private final long[] series;
    private long longest;
    private int finished;
    private long exchanges;
    private RuntimeException failure;

    PooledCall(long number, long weightVersion, List<CaptionRequest> requests, SamplingParams params, GenerationListener listener,
            GroupDispatch dispatch, CaptionWriters writers, CaptionPool.Patience patience) {
        this.number = number;
        this.weightVersion = weightVersion;
        this.requests = requests;
        this.params = params;
        this.listener = listener;
        this.dispatch = dispatch;
        this.writers = writers;
        this.patience = patience;
        this.total = requests.stream().mapToInt(r -> r.keys().length).sum();
        this.captions = new ArrayList<>(Collections.nCopies(requests.size(), null));
        this.captionsOf = new long[writers.size()];
        this.sampledOf = new long[writers.size()];
        this.series = new long[writers.size()];
    }

    Stream<Integer> places() {
        return IntStream.range(0, writers.size()).boxed();
    }

    /** A batch that a place has in hand. */
    private record Batch(List<Integer> groups, boolean firstHand) {
    }

    /** Works for a place until the call is over. */
    void serve(int place) {
        try {
            for (Batch batch = next(place); batch != null; batch = next(place)) {
                try {
                    work(place, batch);
                } catch (WriterLostException e) {
                    synchronized (this) {
                        dispatch.lost(place);
                        notifyAll();
                    }
                    writers.replace(place, e);
                }
            }
        } catch (RuntimeException e) {
            fail(e);
        } catch (Error e) {
            // The other places must not wait for this one.
            fail(new IllegalStateException(e));
        }
    }

    private synchronized void fail(RuntimeException e) {
        if (failure == null) {
            failure = e;
        } else if (failure != e) {
            failure.addSuppressed(e);
        }
        notifyAll();
    }

    private boolean over() {
        return failure != null || dispatch.complete();
    }

    /** What the place does next; waits for it; null when the call is over. */
    private synchronized Batch next(int place) {
        long free = System.nanoTime();
        while (!over()) {
            List<Integer> groups = dispatch.take(place);
            if (!groups.isEmpty()) {
                return new Batch(groups, true);
            }
            // A place that is done leaves the others half as long again as it took, before it does their work once more.
            long patient = Math.max(patience.takeOver().toNanos(), (free - begin) / 2);
            long left = free + patient - System.nanoTime();
            if (left <= 0) {
                groups = dispatch.takeOver(place);
                if (!groups.isEmpty()) {
                    return new Batch(groups, false);
                }
                left = patient;
            }
            pause(left);
        }
        return null;
    }

    private void pause(long nanos) {
        try {
            wait(Math.max(1, nanos / 1_000_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunStoppedException("interrupted while captions were written", e);
        }
    }

    private void work(int place, Batch batch) {
        Work work = new Work(place, batch);
        for (CaptionCall call = work.first(); call != null;) {
            call = work.heard(work.writer.exchange(call));
        }
    }

    /** A place's exchanges on one batch. */
    private final class Work {
        private final int place;
        private final Batch batch;
        private final CaptionWriter writer;
        private final int enough;
        /** Decode steps of the place before this batch. */
        private final long before;
        private long passes;
        private long tokens = -1;
        private long further = System.nanoTime();
        private boolean over;

        Work(int place, Batch batch) {
            this.place = place;
            this.batch = batch;
            this.writer = writers.writer(place);
            this.enough = listener.wantsEach() ? Math.max(1, batch.groups().size() / ANSWERS) : Integer.MAX_VALUE;
            this.before = batch.firstHand() && !dispatch.atOnce() ? series[place] : 0;
        }

        CaptionCall first() {
            return call(batch.groups().stream().map(g -> new CaptionCall.Item(g, requests.get(g))).toList(), NONE);
        }

        private CaptionCall call(List<CaptionCall.Item> items, int[] drop) {
            return new CaptionCall(number, weightVersion, params, items, drop, enough, Math.toIntExact(patience.answer().toMillis()));
        }

        /** Takes an answer; gives the next question, or null when the batch is done. */
        CaptionCall heard(CaptionReply reply) {
            synchronized (PooledCall.this) {
                exchanges++;
                if (over) {
                    return null;
                }
                for (CaptionReply.Done group : reply.done()) {
                    if (accept(place, writer, group)) {
                        passes = Math.max(passes, group.passes());
                        longest = Math.max(longest, before + passes);
                    }
                }
                sampledOf[place] = reply.sampledTokens();
                listener.progressed(finished, total, Arrays.stream(sampledOf).sum());
                int[] vain = dispatch.takeVain(place);
                PooledCall.this.notifyAll();
                if (reply.unfinished() > vain.length && !PooledCall.this.over()) {
                    requireProgress(reply);
                    return call(List.of(), vain);
                }
                over = true;
                series[place] = batch.firstHand() ? before + passes : series[place];
                // What is not wanted any more is not waited for, but the writer is told.
                return reply.unfinished() == 0 ? null : new CaptionCall(number, weightVersion, params, List.of(),
                        batch.groups().stream().mapToInt(g -> g).toArray(), 0, 0);
            }
        }

        private void requireProgress(CaptionReply reply) {
            if (!reply.done().isEmpty() || reply.sampledTokens() != tokens) {
                tokens = reply.sampledTokens();
                further = System.nanoTime();
            } else if (System.nanoTime() - further > patience.progress().toNanos()) {
                throw new WriterLostException(writer.name() + " answers, but has not got any further for "
                        + patience.progress().toSeconds() + " s with " + reply.unfinished() + " groups of captions", null);
            }
        }
    }

    /** Takes a complete group; false if it was there already. */
    private boolean accept(int place, CaptionWriter writer, CaptionReply.Done group) {
        List<Caption> written = group.captions();
        if (written.size() != requests.get(group.id()).keys().length) {
            throw new IllegalStateException(writer.name() + " wrote " + written.size() + " captions of '"
                    + requests.get(group.id()).prompt().id() + "', asked for " + requests.get(group.id()).keys().length);
        }
        for (Caption caption : written) {
            if (caption.weightVersion() != weightVersion) {
                throw new IllegalStateException(writer.name() + " wrote captions with weights of version " + caption.weightVersion()
                        + ", expected version " + weightVersion);
            }
        }
        if (!dispatch.deliver(place, group.id())) {
            return false;
        }
        captions.set(group.id(), written);
        captionsOf[place] += written.size();
        finished += written.size();
        listener.completed(group.id(), written);
        return true;
    }

    /** Waits until every place is through, whatever happened; throws what went wrong. */
    void awaitEnd(List<? extends Future<?>> serving) {
        for (Future<?> place : serving) {
            try {
                place.get();
            } catch (InterruptedException e) {
                fail(new RunStoppedException("interrupted while captions were written", e));
                serving.forEach(f -> f.cancel(true));
                Thread.currentThread().interrupt();
                break;
            } catch (CancellationException | ExecutionException e) {
                fail(new IllegalStateException(e));
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    List<RolloutGroup> groups() {
        return IntStream.range(0, requests.size())
                .mapToObj(g -> new RolloutGroup(requests.get(g).prompt(), captions.get(g), weightVersion)).toList();
    }

    GenerationCounts counts() {
        long prompts = requests.stream().mapToLong(r -> r.prompt().ids().length).sum();
        long images = requests.stream().mapToLong(r -> r.prompt().images().size()).sum();
        long sampled = captions.stream().flatMap(List::stream).mapToLong(Caption::length).sum();
        return new GenerationCounts(prompts, 0, images, longest, sampled);
    }

    long captionsOf(int place) {
        return captionsOf[place];
    }

    long exchanges() {
        return exchanges;
    }
}
