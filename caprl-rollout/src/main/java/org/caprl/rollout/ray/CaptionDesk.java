package org.caprl.rollout.ray;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.GenerationListener;
import org.caprl.rollout.CaptionEngine;
import org.caprl.rollout.CaptionRequest;
import org.caprl.rollout.pool.CaptionCall;
import org.caprl.rollout.pool.CaptionReply;

/** Between those who ask for captions and the thread that writes them: takes batches, gives groups as they become complete. */
final class CaptionDesk {
    private final CaptionEngine engine;
    private final Executor worker;
    private final List<CaptionReply.Done> ready = new ArrayList<>();
    private final BitSet unfinished = new BitSet();
    private long call;
    private long sampledEarlier;
    private long sampledNow;
    private RuntimeException failure;

    /** @param worker runs one thing at a time, in order */
    CaptionDesk(CaptionEngine engine, Executor worker) {
        this.engine = engine;
        this.worker = worker;
    }

    /** Takes work and waits until enough is done. @throws RuntimeException what writing threw */
    synchronized CaptionReply exchange(CaptionCall asked) throws InterruptedException {
        if (asked.call() != call) {
            call = asked.call();
            unfinished.clear();
            ready.clear();
            sampledEarlier = 0;
            sampledNow = 0;
            failure = null;
        }
        for (int group : asked.drop()) {
            unfinished.clear(group);
            ready.removeIf(done -> done.id() == group);
        }
        if (!asked.groups().isEmpty()) {
            asked.groups().forEach(item -> unfinished.set(item.id()));
            worker.execute(() -> write(asked));
        }
        long end = System.nanoTime() + asked.waitMillis() * 1_000_000L;
        for (long left = asked.waitMillis(); left > 0 && !worthAnAnswer(asked); left = (end - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
        if (failure != null) {
            throw failure;
        }
        CaptionReply reply = new CaptionReply(List.copyOf(ready), unfinished.cardinality(), sampledEarlier + sampledNow);
        ready.clear();
        return reply;
    }

    private boolean worthAnAnswer(CaptionCall asked) {
        return failure != null || unfinished.isEmpty() || ready.size() >= asked.enough();
    }

    private void write(CaptionCall asked) {
        try {
            if (engine.weightVersion() != asked.weightVersion()) {
                throw new IllegalStateException("captions of weight version " + asked.weightVersion() + " were asked for, but the weights "
                        + "here are of version " + engine.weightVersion());
            }
            List<CaptionRequest> requests = asked.groups().stream().map(CaptionCall.Item::request).toList();
            engine.caption(requests, asked.params(), new Reports(asked));
        } catch (CancellationException e) {
            // Nobody wants the rest.
        } catch (RuntimeException e) {
            synchronized (this) {
                if (asked.call() == call) {
                    failure = e;
                    notifyAll();
                }
            }
        }
    }

    /** What the engine says while it writes one batch. */
    private final class Reports implements GenerationListener {
        private final CaptionCall asked;
        private final long stepsBefore = engine.counts().decodeSteps();

        Reports(CaptionCall asked) {
            this.asked = asked;
        }

        @Override
        public void progressed(int finished, int total, long sampledTokens) {
            synchronized (CaptionDesk.this) {
                if (finished < total && !wanted()) {
                    throw new CancellationException();
                }
                if (asked.call() == call) {
                    sampledNow = finished < total ? sampledTokens : 0;
                    sampledEarlier += finished < total ? 0 : sampledTokens;
                }
            }
        }

        /** Told after every token: allocates nothing. */
        private boolean wanted() {
            for (int i = 0; i < asked.groups().size(); i++) {
                if (unfinished.get(asked.groups().get(i).id())) {
                    return asked.call() == call;
                }
            }
            return false;
        }

        @Override
        public void completed(int request, List<Caption> captions) {
            synchronized (CaptionDesk.this) {
                int id = asked.groups().get(request).id();
                if (asked.call() == call && unfinished.get(id)) {
                    unfinished.clear(id);
                    ready.add(new CaptionReply.Done(id, List.copyOf(captions), engine.counts().decodeSteps() - stepsBefore));
                    CaptionDesk.this.notifyAll();
                }
            }
        }
    }
}
