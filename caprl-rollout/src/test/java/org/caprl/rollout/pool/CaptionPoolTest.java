package org.caprl.rollout.pool;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.caprl.core.RunStoppedException;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.FinishReason;
import org.caprl.core.generate.GenerationCounts;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.model.Prompt;
import org.caprl.rollout.CaptionRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CaptionPoolTest {
    private static final long VERSION = 3;
    private static final int CAPTIONS = 2;
    private static final SamplingParams PARAMS = SamplingParams.sampling(1, 9, List.of(0));
    private static final CaptionPool.Patience SHORT = new CaptionPool.Patience(Duration.ofMillis(20), Duration.ofMillis(200),
            Duration.ofMillis(40));

    /** What the writers of one place do; each gets the number of groups that it may finish in an exchange. */
    private interface Fate {
        /** @throws WriterLostException to be lost */
        int groupsNow(int exchange) throws InterruptedException;
    }

    /** Captions follow from the keys alone, as those of an engine do. */
    private static Caption caption(long key, long version) {
        int length = 1 + (int) Math.floorMod(key, 7);
        int[] ids = new int[length];
        Arrays.fill(ids, (int) key);
        return new Caption(ids, new float[length], new float[length], new float[length], FinishReason.EOS, version);
    }

    private static final class FakeWriters implements CaptionWriters {
        private final List<IntFunction<Fate>> fates;
        private final int[] lives;
        private final Writer[] writers;
        private final int mostLosses;
        private final AtomicInteger losses = new AtomicInteger();
        private final ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();
        /** What was enough for an answer, of every exchange. */
        private final ConcurrentLinkedQueue<Integer> enough = new ConcurrentLinkedQueue<>();
        private long version = VERSION;

        /** @param fates of each place: of its first writer, its second … */
        FakeWriters(int mostLosses, List<IntFunction<Fate>> fates) {
            this.mostLosses = mostLosses;
            this.fates = fates;
            this.lives = new int[fates.size()];
            this.writers = new Writer[fates.size()];
            IntStream.range(0, writers.length).forEach(p -> writers[p] = new Writer(p, fates.get(p).apply(0)));
        }

        @Override
        public int size() {
            return fates.size();
        }

        @Override
        public CaptionWriter writer(int place) {
            return writers[place];
        }

        @Override
        public void replace(int place, WriterLostException loss) {
            log.add(loss.getMessage());
            if (losses.incrementAndGet() > mostLosses) {
                throw new RunStoppedException("too many: " + loss.getMessage(), loss);
            }
            writers[place] = new Writer(place, fates.get(place).apply(++lives[place]));
        }

        private final class Writer implements CaptionWriter {
            private final int place;
            private final Fate fate;
            private final Map<Integer, CaptionRequest> inHand = new LinkedHashMap<>();
            private long call;
            private int exchanges;

            Writer(int place, Fate fate) {
                this.place = place;
                this.fate = fate;
            }

            @Override
            public String name() {
                return "writer " + place + "." + lives[place];
            }

            @Override
            public CaptionReply exchange(CaptionCall asked) {
                enough.add(asked.enough());
                if (asked.call() != call) {
                    inHand.clear();
                    call = asked.call();
                }
                asked.groups().forEach(item -> inHand.put(item.id(), item.request()));
                Arrays.stream(asked.drop()).forEach(inHand::remove);
                int now;
                try {
                    now = fate.groupsNow(exchanges++);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                List<CaptionReply.Done> done = new ArrayList<>();
                for (int id : List.copyOf(inHand.keySet()).subList(0, Math.min(now, inHand.size()))) {
                    List<Caption> captions = Arrays.stream(inHand.remove(id).keys()).mapToObj(k -> caption(k, version)).toList();
                    done.add(new CaptionReply.Done(id, captions, captions.stream().mapToInt(Caption::length).max().orElseThrow() - 1));
                }
                return new CaptionReply(done, inHand.size(), exchanges);
            }
        }
    }

    private static final IntFunction<Fate> STEADY = life -> exchange -> 1;

    private static List<CaptionRequest> requests(int groups) {
        return IntStream.range(0, groups).mapToObj(g -> new CaptionRequest(Prompt.text("p" + g, new int[3 + g % 4]),
                IntStream.range(0, CAPTIONS).mapToLong(c -> 11L * g + 5L * c).toArray())).toList();
    }

    /** Every group once, in order, with its own captions; told once; counted once. */
    private static void assertWhole(CaptionPool pool, List<CaptionRequest> requests) {
        GenerationCounts before = pool.counts();
        long captionsBefore = Arrays.stream(pool.captions()).sum();
        int[] told = new int[requests.size()];
        AtomicInteger finished = new AtomicInteger();
        List<RolloutGroup> groups = pool.caption(requests, PARAMS, VERSION, new GenerationListener() {
            @Override
            public void progressed(int done, int total, long tokens) {
                assertTrue(done >= finished.get() && done <= total);
                finished.set(done);
            }

            @Override
            public void completed(int request, List<Caption> captions) {
                told[request]++;
            }
        });
        assertEquals(requests.size(), groups.size());
        long tokens = 0;
        int longest = 0;
        for (int g = 0; g < groups.size(); g++) {
            assertSame(requests.get(g).prompt(), groups.get(g).prompt());
            for (int c = 0; c < CAPTIONS; c++) {
                Caption expected = caption(requests.get(g).keys()[c], VERSION);
                assertArrayEquals(expected.ids(), groups.get(g).captions().get(c).ids());
                tokens += expected.length();
                longest = Math.max(longest, expected.length());
            }
            assertEquals(1, told[g], "group " + g);
        }
        assertEquals(requests.size() * CAPTIONS, finished.get());
        assertEquals(requests.size() * CAPTIONS, Arrays.stream(pool.captions()).sum() - captionsBefore);
        GenerationCounts counts = pool.counts().minus(before);
        assertEquals(requests.stream().mapToInt(r -> r.prompt().ids().length).sum(), counts.prefilledTokens());
        assertEquals(tokens, counts.sampledTokens());
        assertTrue(counts.decodeSteps() >= longest - 1, counts.toString());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void allGroupsComeBackInOrder(int places) {
        FakeWriters writers = new FakeWriters(0, Collections.nCopies(places, STEADY));
        try (CaptionPool pool = new CaptionPool(writers, 8, SHORT)) {
            assertWhole(pool, requests(1));
            assertWhole(pool, requests(4 * places));
            assertWhole(pool, requests(40));
            assertEquals(List.of(), pool.caption(List.of(), PARAMS, VERSION, GenerationListener.NONE));
            assertTrue(Arrays.stream(pool.captions()).allMatch(n -> n > 0), Arrays.toString(pool.captions()));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onlyWhoWorksWithGroupsMeanwhileIsToldOfThemMeanwhile(boolean each) {
        FakeWriters writers = new FakeWriters(0, Collections.nCopies(2, STEADY));
        try (CaptionPool pool = new CaptionPool(writers, 64, SHORT)) {
            pool.caption(requests(16), PARAMS, VERSION, new GenerationListener() {
                @Override
                public void progressed(int finished, int total, long sampledTokens) {
                }

                @Override
                public boolean wantsEach() {
                    return each;
                }
            });
        }
        assertEquals(Set.of(each ? 2 : Integer.MAX_VALUE), Set.copyOf(writers.enough), "of 8 groups a writer");
    }

    @Test
    void atOnceTheCountOfDecodeStepsIsThatOfTheLongestCaption() {
        try (CaptionPool pool = new CaptionPool(new FakeWriters(9, List.of(STEADY, life -> exchange -> {
            if (life == 0 && exchange == 4) {
                throw new WriterLostException("gone", null);
            }
            return 1;
        })), 64, SHORT)) {
            pool.caption(requests(12), PARAMS, VERSION, GenerationListener.NONE);
            assertEquals(6, pool.counts().decodeSteps(), "also when some were written later");
        }
    }

    @Test
    void groupsInHandOfALostWriterGoToAnother() {
        FakeWriters writers = new FakeWriters(9, List.of(STEADY, life -> exchange -> {
            if (life < 2 && exchange == 1) {
                throw new WriterLostException("writer 1." + life + " died", null);
            }
            return 1;
        }));
        try (CaptionPool pool = new CaptionPool(writers, 64, SHORT)) {
            assertWhole(pool, requests(10));
            assertEquals("writer 1.0 died", writers.log.peek());
        }
    }

    @Test
    void theLastLossIsTheErrorWhenThereAreTooMany() {
        FakeWriters writers = new FakeWriters(2, List.of(STEADY, life -> exchange -> {
            throw new WriterLostException("writer 1." + life + " died", null);
        }));
        try (CaptionPool pool = new CaptionPool(writers, 2, SHORT)) {
            RunStoppedException stopped = assertThrows(RunStoppedException.class, () -> {
                for (int i = 0; i < 50; i++) {
                    pool.caption(requests(20), PARAMS, VERSION, GenerationListener.NONE);
                }
            });
            assertEquals("too many: writer 1.2 died", stopped.getMessage());
        }
    }

    @Test
    void whoIsFreeTakesOverFromWhoIsSlow() {
        FakeWriters writers = new FakeWriters(0, List.of(life -> exchange -> 8, life -> exchange -> {
            Thread.sleep(20);
            return exchange == 100 ? 1 : 0;
        }));
        CaptionPool.Patience calm = new CaptionPool.Patience(Duration.ofMillis(20), Duration.ofSeconds(50), Duration.ofMillis(40));
        try (CaptionPool pool = new CaptionPool(writers, 64, calm)) {
            assertWhole(pool, requests(8));
            assertArrayEquals(new long[] {8 * CAPTIONS, 0}, pool.captions());
            assertWhole(pool, requests(8));
        }
    }

    @Test
    void aWriterThatAnswersButGetsNoFurtherIsLost() {
        AtomicInteger exchanges = new AtomicInteger();
        FakeWriters writers = new FakeWriters(1, List.of(life -> exchange -> {
            Thread.sleep(20);
            exchanges.incrementAndGet();
            return life;
        }));
        // Tokens stand still as well.
        CaptionWriters still = new CaptionWriters() {
            @Override
            public int size() {
                return 1;
            }

            @Override
            public CaptionWriter writer(int place) {
                CaptionWriter writer = writers.writer(place);
                return new CaptionWriter() {
                    @Override
                    public String name() {
                        return writer.name();
                    }

                    @Override
                    public CaptionReply exchange(CaptionCall call) {
                        CaptionReply reply = writer.exchange(call);
                        return new CaptionReply(reply.done(), reply.unfinished(), 0);
                    }
                };
            }

            @Override
            public void replace(int place, WriterLostException loss) {
                writers.replace(place, loss);
            }
        };
        try (CaptionPool pool = new CaptionPool(still, 64, SHORT)) {
            assertWhole(pool, requests(3));
            assertTrue(writers.log.peek().startsWith("writer 0.0 answers, but has not got any further"), writers.log.peek());
        }
    }

    @Test
    void captionsOfOtherWeightsAreRefused() {
        FakeWriters writers = new FakeWriters(0, List.of(STEADY));
        writers.version = VERSION - 1;
        try (CaptionPool pool = new CaptionPool(writers, 64, SHORT)) {
            String said = assertThrows(IllegalStateException.class,
                    () -> pool.caption(requests(2), PARAMS, VERSION, GenerationListener.NONE)).getMessage();
            assertEquals("writer 0.0 wrote captions with weights of version 2, expected version 3", said);
        }
    }

    @Test
    void whatTheListenerThrowsEndsTheCall() {
        try (CaptionPool pool = new CaptionPool(new FakeWriters(0, List.of(STEADY, STEADY)), 64, SHORT)) {
            IllegalArgumentException thrown = new IllegalArgumentException("stop");
            assertSame(thrown, assertThrows(IllegalArgumentException.class,
                    () -> pool.caption(requests(30), PARAMS, VERSION, (done, total, tokens) -> {
                        throw thrown;
                    })));
            assertWhole(pool, requests(30));
        }
    }

    /** Losses, pauses and spurts at random: whatever happens, nothing is missing and nothing counts twice. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void nothingIsLostOrCountedTwice(long seed) {
        Random random = new Random(seed);
        List<IntFunction<Fate>> fates = new ArrayList<>();
        for (int place = 0; place < 3; place++) {
            long own = random.nextLong();
            fates.add(life -> {
                Random fate = new Random(own + life);
                return exchange -> {
                    int drawn = fate.nextInt(20);
                    if (drawn == 0) {
                        throw new WriterLostException("lost by chance", null);
                    }
                    if (drawn < 5) {
                        Thread.sleep(drawn * 20L);
                    }
                    return drawn % 4;
                };
            });
        }
        FakeWriters writers = new FakeWriters(Integer.MAX_VALUE, fates);
        try (CaptionPool pool = new CaptionPool(writers, 4 << (seed % 3), SHORT)) {
            for (int i = 0; i < 6; i++) {
                assertWhole(pool, requests(1 + random.nextInt(25)));
            }
        }
    }
}
