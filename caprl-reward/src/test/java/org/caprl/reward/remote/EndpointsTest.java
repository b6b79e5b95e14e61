package org.caprl.reward.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EndpointsTest {
    private static final URI A = URI.create("http://a/v1");
    private static final URI B = URI.create("http://b/v1");

    /** Begins near the overflow of nanoTime, which may be anywhere. */
    private long now = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(2);
    private final Endpoints endpoints = new Endpoints(List.of(A, B), Duration.ofSeconds(1), () -> now);

    private void pass(double seconds) {
        now += (long) (seconds * 1e9);
    }

    private void fail(URI url) {
        Endpoints.Endpoint taken = endpoints.take();
        while (!taken.url.equals(url)) {
            Endpoints.Endpoint other = taken;
            taken = endpoints.take();
            endpoints.answered(other);
        }
        endpoints.failed(taken, Optional.empty());
    }

    @Test
    void theOneWithFewestInFlightIsTakenAndOfEqualOnesTheOneThatWaitedLonger() {
        Endpoints.Endpoint first = endpoints.take();
        Endpoints.Endpoint second = endpoints.take();
        assertNotEquals(first.url, second.url);
        endpoints.answered(second);
        assertSame(second, endpoints.take());
        endpoints.answered(second);
        endpoints.answered(first);
        assertSame(first, endpoints.take());
    }

    @Test
    void aFailedOneRestsAndIsThenTriedByOneRequestAlone() {
        fail(A);
        for (int i = 0; i < 5; i++) {
            assertEquals(B, endpoints.take().url);
        }
        pass(1.01);
        Endpoints.Endpoint probe = endpoints.take();
        assertEquals(A, probe.url, "has nothing in flight");
        assertEquals(B, endpoints.take().url, "while it is being tried");
        endpoints.answered(probe);
        assertEquals(A, endpoints.take().url);
    }

    @Test
    void restsGrowWithFailuresInARowAndRequestsThatFailTogetherCountOnce() {
        Endpoints.Endpoint a = endpoints.take();
        Endpoints.Endpoint b = endpoints.take();
        Endpoints.Endpoint again = endpoints.take();
        assertSame(a, again);
        endpoints.failed(b, Optional.empty());
        endpoints.failed(a, Optional.empty());
        endpoints.failed(again, Optional.empty());
        assertFalse(endpoints.anyReady());
        assertEquals(Duration.ofSeconds(1), endpoints.untilRested());
        for (int expected : new int[] {2, 4, 8, 16, 30, 30}) {
            pass(endpoints.untilRested().toNanos() / 1e9 + 1e-3);
            endpoints.failed(endpoints.take(), Optional.empty());
            endpoints.failed(endpoints.take(), Optional.empty());
            assertEquals(Duration.ofSeconds(expected), endpoints.untilRested());
        }
    }

    @Test
    void whoeverInsistsGetsTheOneWhoseRestEndsFirst() {
        fail(A);
        pass(0.5);
        fail(B);
        assertFalse(endpoints.anyReady());
        assertEquals(A, endpoints.take().url);
        assertEquals(Duration.ofMillis(500), endpoints.untilRested());
    }

    @Test
    void theWishOfAServerIsKept() {
        endpoints.failed(endpoints.take(), Optional.of(Duration.ofSeconds(20)));
        endpoints.failed(endpoints.take(), Optional.of(Duration.ofSeconds(10)));
        assertEquals(Duration.ofSeconds(10), endpoints.untilRested());
    }

    @Test
    void anyAnswerSinceATimeShowsThatNotAllIsDown() {
        pass(1);
        long before = now;
        pass(1);
        fail(A);
        assertFalse(endpoints.answeredSince(before));
        endpoints.answered(endpoints.take());
        assertTrue(endpoints.answeredSince(before));
    }

    @Test
    void aRequestThatFailedAtOneGoesToAnotherAlsoWhenTheRestIsOver() {
        Endpoints.Endpoint failed = endpoints.take();
        endpoints.failed(failed, Optional.empty());
        pass(10);
        assertEquals(B, endpoints.take(failed).url);
        assertEquals(B, endpoints.take(failed).url, "though it has one in flight, and the other none");
        assertSame(failed, endpoints.take());
    }
}
