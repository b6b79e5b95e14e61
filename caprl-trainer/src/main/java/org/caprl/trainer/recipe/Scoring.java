package org.caprl.trainer.recipe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.GenerationListener;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.ScoredGroup;

/**
 * Scores the groups of a step as they are completed: all that wait are scored together. Scores do not depend on what is scored together,
 * so they are those of the whole step at once. A failure of scoring ends the writing at its next sign of progress.
 */
final class Scoring implements GenerationListener, AutoCloseable {
    private static final Completed END = new Completed(-1, List.of());

    private final RolloutWork work;
    private final RolloutWork.Prompts prompts;
    private final BlockingQueue<Completed> waiting = new LinkedBlockingQueue<>();
    private final Background<List<ScoredGroup>> thread;

    private record Completed(int index, List<Caption> captions) {
    }

    Scoring(RolloutWork work, RolloutWork.Prompts prompts) {
        this.work = work;
        this.prompts = prompts;
        this.thread = new Background<>("caprl-scoring", this::run);
    }

    private List<ScoredGroup> run() throws InterruptedException {
        ScoredGroup[] scored = new ScoredGroup[prompts.requests().size()];
        for (int done = 0; done < scored.length;) {
            List<Completed> batch = new ArrayList<>(List.of(waiting.take()));
            waiting.drainTo(batch);
            if (batch.contains(END)) {
                return List.of();
            }
            List<GroupToScore> groups = batch.stream().map(c -> work.toScore(prompts, c.index(), c.captions())).toList();
            List<ScoredGroup> scores = work.score(groups);
            for (int i = 0; i < batch.size(); i++) {
                scored[batch.get(i).index()] = scores.get(i);
            }
            done += batch.size();
        }
        return Arrays.asList(scored);
    }

    @Override
    public void progressed(int finished, int total, long sampledTokens) {
        thread.rethrow();
    }

    @Override
    public void completed(int request, List<Caption> captions) {
        waiting.add(new Completed(request, captions));
    }

    @Override
    public boolean wantsEach() {
        return true;
    }

    /** The scores of all groups, in order; waits for them. */
    List<ScoredGroup> all() {
        return thread.join();
    }

    /** Ends after what is being scored now. */
    @Override
    public void close() {
        waiting.add(END);
        thread.end();
    }
}
