package org.caprl.reward.remote;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Which URL gets the next request: of those in health the one with the fewest in flight.
 *
 * <p>A URL that failed rests, longer after each failure in a row. When its rest is over a single request tries it; if that is answered
 * the URL is back. While every URL rests, a request that insists gets the one whose rest ends first.
 */
final class Endpoints {
    private static final Duration LONGEST_REST = Duration.ofSeconds(30);

    private final List<Endpoint> all = new ArrayList<>();
    private final long firstRest;
    private final LongSupplier clock;
    private long taken;
    private long lastAnswer;

    /** @param clock nanoseconds, as {@link System#nanoTime} */
    Endpoints(List<URI> urls, Duration firstRest, LongSupplier clock) {
        urls.forEach(url -> all.add(new Endpoint(url)));
        this.firstRest = firstRest.toNanos();
        this.clock = clock;
        this.lastAnswer = clock.getAsLong();
    }

    /** One URL; its state belongs to {@link Endpoints}. */
    static final class Endpoint {
        final URI url;
        private int inFlight;
        private int failures;
        private boolean probed;
        private long restEnds;
        private long lastTaken;

        private Endpoint(URI url) {
            this.url = url;
        }
    }

    /** An endpoint for one request, which must be given back by {@link #answered} or {@link #failed}. */
    synchronized Endpoint take() {
        return take(null);
    }

    /** The same for a request that failed at one: another that is ready goes before it. @param failed null for a first try */
    synchronized Endpoint take(Endpoint failed) {
        Comparator<Endpoint> order = Comparator.<Endpoint, Boolean>comparing(e -> e == failed).thenComparing(e -> e.inFlight)
                .thenComparing(e -> e.lastTaken);
        Endpoint best = all.stream().filter(this::isReady).min(order).orElseGet(this::firstToComeBack);
        best.inFlight++;
        best.probed = best.failures > 0;
        best.lastTaken = ++taken;
        return best;
    }

    private Endpoint firstToComeBack() {
        Endpoint best = all.getFirst();
        for (Endpoint e : all) {
            best = e.restEnds - best.restEnds < 0 ? e : best;
        }
        return best;
    }

    /** It answered, if only with a refusal: it is alive. */
    synchronized void answered(Endpoint e) {
        e.inFlight--;
        e.failures = 0;
        e.probed = false;
        lastAnswer = clock.getAsLong();
    }

    /**
     * It did not answer, or said that it can't.
     *
     * @param retryAfter the pause that it asked for
     */
    synchronized void failed(Endpoint e, Optional<Duration> retryAfter) {
        e.inFlight--;
        e.probed = false;
        long now = clock.getAsLong();
        boolean rests = e.failures > 0 && e.restEnds - now > 0;
        if (!rests) {
            // Of requests that fail together only the first prolongs the rest.
            long rest = Math.min(LONGEST_REST.toNanos(), firstRest << Math.min(e.failures, 20));
            e.failures++;
            e.restEnds = now + rest;
        }
        retryAfter.map(Duration::toNanos).filter(pause -> now + pause - e.restEnds > 0).ifPresent(pause -> e.restEnds = now + pause);
    }

    /** Whether a request would go to an endpoint that does not rest. */
    synchronized boolean anyReady() {
        return all.stream().anyMatch(this::isReady);
    }

    /** Time until the first rest is over; zero if one is. */
    synchronized Duration untilRested() {
        long now = clock.getAsLong();
        return Duration.ofNanos(all.stream().mapToLong(e -> Math.max(0, e.restEnds - now)).min().orElse(0));
    }

    /** Whether any endpoint answered since a time of the clock. */
    synchronized boolean answeredSince(long time) {
        return lastAnswer - time > 0;
    }

    private boolean isReady(Endpoint e) {
        return e.failures == 0 || !e.probed && e.restEnds - clock.getAsLong() <= 0;
    }
}
