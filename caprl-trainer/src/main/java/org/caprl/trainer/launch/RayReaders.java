package org.caprl.trainer.launch;

import io.ray.api.ActorHandle;
import io.ray.api.ObjectRef;
import io.ray.api.Ray;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.caprl.reward.judge.TextWriter;
import org.caprl.reward.qa.Answer;
import org.caprl.reward.qa.Answerer;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.rollout.ray.ActorLimits;
import org.caprl.rollout.ray.ActorLosses;
import org.caprl.rollout.ray.ActorResources;
import org.caprl.rollout.ray.RayActorPool;
import org.caprl.trainer.config.JudgeSection;
import org.caprl.trainer.config.OneAnswererSection;

/** Readers in {@link RewardActor}s: what is to be read is divided among them, and a lost one's share goes to another. */
final class RayReaders implements Readers {
    /** Calls that an actor gets for one call of many captions: enough that a slow one does not keep all waiting. */
    private static final int CALLS_EACH = 2;

    private final RayActorPool<RewardActor> pool;

    /** Begins to start so many actors. @param yaml the run's configuration, portable */
    RayReaders(int size, String yaml, int threads, ActorResources resources, ActorLimits limits, ActorLosses losses) {
        this.pool = new RayActorPool<>(new RayActorPool.Kind<>("reward actor", size, () -> Ray.actor(RewardActor::new),
                handle -> handle.task(RewardActor::open, yaml, threads).remote(), resources), limits, losses);
    }

    /** Waits until every actor is there with its models. */
    void awaitStart() {
        pool.awaitStart();
    }

    @Override
    public Answerer answerer(int number, OneAnswererSection section) {
        return new Answerer() {
            @Override
            public List<List<Answer>> answer(List<CaptionQuestions> captions) {
                return divided(captions, TrainerMessages::questions, "answers on captions",
                        (actor, message) -> actor.task(RewardActor::answer, number, message).remote(), TrainerMessages::answers);
            }

            @Override
            public List<List<LetterLogProbs>> letterLogProbs(List<CaptionQuestions> captions) {
                return divided(captions, TrainerMessages::questions, "letters of questions",
                        (actor, message) -> actor.task(RewardActor::letters, number, message).remote(), TrainerMessages::letters);
            }
        };
    }

    @Override
    public TextWriter judge(JudgeSection section) {
        return requests -> divided(requests, TrainerMessages::texts, "the judge's replies",
                (actor, message) -> actor.task(RewardActor::judge, message).remote(), TrainerMessages::replies);
    }

    @Override
    public boolean rehearse() {
        return false;
    }

    private <A, R> List<R> divided(List<A> asked, Function<List<A>, byte[]> write, String what,
            BiFunction<ActorHandle<RewardActor>, byte[], ObjectRef<byte[]>> method, Function<byte[], List<R>> read) {
        int calls = pool.size() == 1 ? 1 : Math.min(asked.size(), CALLS_EACH * pool.size());
        List<byte[]> messages = new ArrayList<>();
        for (int c = 0; c < calls; c++) {
            messages.add(write.apply(asked.subList(asked.size() * c / calls, asked.size() * (c + 1) / calls)));
        }
        List<byte[]> replies = pool.map(messages, (actor, message) -> actor.call(handle -> method.apply(handle, message), what));
        return replies.stream().flatMap(reply -> read.apply(reply).stream()).toList();
    }

    @Override
    public void close() {
        pool.close();
    }
}
