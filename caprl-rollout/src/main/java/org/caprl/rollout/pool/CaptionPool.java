package org.caprl.rollout.pool;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.generate.GenerationCounts;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.SamplingParams;
import org.caprl.rollout.CaptionRequest;

/** Captions by all writers of a pool. One call at a time. */
public final class CaptionPool implements AutoCloseable {
    /** Of a caption, before any was written. */
    private static final double FIRST_GUESS = 64;

    private final CaptionWriters writers;
    private final int rows;
    private final Patience patience;
    private final ExecutorService threads;
    private final long[] captions;
    private long calls;
    private long exchanges;
    private long captionTokens;
    private long captionsWritten;
    private GenerationCounts counts = GenerationCounts.ZERO;

    /**
     * How long the pool waits.
     *
     * @param answer between two signs of life of a writer that works
     * @param progress until a writer that answers must have got further
     * @param takeOver shortest time that a free writer leaves another its groups
     */
    public record Patience(Duration answer, Duration progress, Duration takeOver) {
    }

    /**
     * A pool.
     *
     * @param rows captions that a writer writes at once
     */
    public CaptionPool(CaptionWriters writers, int rows, Patience patience) {
        this.writers = writers;
        this.rows = rows;
        this.patience = patience;
        this.threads = Executors.newFixedThreadPool(writers.size(), Thread.ofPlatform().daemon().name("captions-", 1).factory());
        this.captions = new long[writers.size()];
    }

    /**
     * A group for each request, in order.
     *
     * @param weightVersion that all captions must be of
     */
    public List<RolloutGroup> caption(List<CaptionRequest> requests, SamplingParams params, long weightVersion,
            GenerationListener listener) {
        int[] sizes = requests.stream().mapToInt(r -> r.keys().length).toArray();
        double mean = captionsWritten == 0 ? FIRST_GUESS : captionTokens / (double) captionsWritten;
        double[] costs = requests.stream().mapToDouble(r -> r.prompt().ids().length + r.keys().length * mean).toArray();
        GroupDispatch dispatch = new GroupDispatch(sizes, costs, writers.size(), rows);
        PooledCall call = new PooledCall(++calls, weightVersion, requests, params, listener, dispatch, writers, patience);
        List<? extends Future<?>> serving = call.places().map(place -> threads.submit(() -> call.serve(place))).toList();
        call.awaitEnd(serving);
        List<RolloutGroup> groups = call.groups();
        counts = plus(counts, call.counts());
        exchanges += call.exchanges();
        for (int p = 0; p < captions.length; p++) {
            captions[p] += call.captionsOf(p);
        }
        captionsWritten += groups.stream().mapToLong(RolloutGroup::size).sum();
        captionTokens += groups.stream().mapToLong(RolloutGroup::captionTokens).sum();
        return groups;
    }

    private static GenerationCounts plus(GenerationCounts a, GenerationCounts b) {
        return new GenerationCounts(a.prefilledTokens() + b.prefilledTokens(), a.suffixTokens() + b.suffixTokens(),
                a.imageEncodes() + b.imageEncodes(), a.decodeSteps() + b.decodeSteps(), a.sampledTokens() + b.sampledTokens());
    }

    /**
     * Work of all calls that came to their end, each group once, whoever wrote it how often. Decode steps of a call are the longest series
     * of any writer: the writers work side by side.
     */
    public GenerationCounts counts() {
        return counts;
    }

    /** Captions that counted, by the place that wrote them. */
    public long[] captions() {
        return captions.clone();
    }

    /** Exchanges with all writers so far. */
    public long exchanges() {
        return exchanges;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
