package org.caprl.trainer.launch;

import io.ray.api.ActorHandle;
import io.ray.api.ObjectRef;
import io.ray.api.Ray;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.caprl.reward.qa.Answer;
import org.caprl.reward.qa.Answerer;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.rollout.ray.ActorLimits;
import org.caprl.rollout.ray.ActorLosses;
import org.caprl.rollout.ray.ActorResources;
import org.caprl.rollout.ray.RayActorPool;

/** The answerer in {@link RewardActor}s: captions are divided among them, and a lost one's go to another. */
final class RayAnswerer implements Answerer, AutoCloseable {
    /** Calls that an actor gets for one call of many captions: enough that a slow one does not keep all waiting. */
    private static final int CALLS_EACH = 2;

    private final RayActorPool<RewardActor> pool;

    /** Begins to start so many actors. @param yaml the run's configuration, portable */
    RayAnswerer(int size, String yaml, int threads, ActorResources resources, ActorLimits limits, ActorLosses losses) {
        this.pool = new RayActorPool<>(new RayActorPool.Kind<>("reward actor", size, () -> Ray.actor(RewardActor::new),
                handle -> handle.task(RewardActor::open, yaml, threads).remote(), resources), limits, losses);
    }

    /** Waits until every actor is there with its model. */
    void awaitStart() {
        pool.awaitStart();
    }

    @Override
    public List<List<Answer>> answer(List<CaptionQuestions> captions) {
        return divided(captions, (actor, message) -> actor.task(RewardActor::answer, message).remote(), TrainerMessages::answers);
    }

    @Override
    public List<List<LetterLogProbs>> letterLogProbs(List<CaptionQuestions> captions) {
        return divided(captions, (actor, message) -> actor.task(RewardActor::letters, message).remote(), TrainerMessages::letters);
    }

    private <T> List<T> divided(List<CaptionQuestions> captions, BiFunction<ActorHandle<RewardActor>, byte[], ObjectRef<byte[]>> method,
            Function<byte[], List<T>> read) {
        int calls = pool.size() == 1 ? 1 : Math.min(captions.size(), CALLS_EACH * pool.size());
        List<byte[]> messages = new ArrayList<>();
        for (int c = 0; c < calls; c++) {
            messages.add(TrainerMessages.questions(captions.subList(captions.size() * c / calls, captions.size() * (c + 1) / calls)));
        }
        List<byte[]> replies = pool.map(messages,
                (actor, message) -> actor.call(handle -> method.apply(handle, message), "answers on captions"));
        return replies.stream().flatMap(reply -> read.apply(reply).stream()).toList();
    }

    @Override
    public void close() {
        pool.close();
    }
}
