package org.caprl.reward.judge;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.core.random.CounterRandom;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.PromptTemplate;
import org.caprl.reward.Reward;
import org.caprl.reward.Score;
import org.caprl.reward.qa.Answer;

/**
 * What a language model thinks of a caption: 0.30 · factuality + 0.25 · temporal alignment + 0.25 · coverage + 0.20 · no hallucination, see
 * {@link Verdict}. It reads texts: the caption, and where the template asks for it the sample's reference caption.
 *
 * <p>A reply without the four numbers leaves its caption unscored, never 0; so does a sample without the reference that the template asks
 * for.
 */
public final class JudgeReward implements Reward {
    private static final long JUDGE = CounterRandom.hash("judge");
    private static final String CAPTION = "caption";
    private static final String REFERENCE = "reference";

    private final TextWriter judge;
    private final PromptTemplate template;

    /**
     * A judge.
     *
     * @param template {@code default} (caption against reference), or the path of a UTF-8 text file with the place {@code {caption}} and,
     *     if it likes, {@code {reference}}
     * @throws InputException if the template can't be read, or a place is missing or named twice
     */
    public JudgeReward(TextWriter judge, String template) {
        this.judge = judge;
        String key = "reward.judge.template";
        this.template = new PromptTemplate(template.equals("default") ? PromptTemplate.resource(JudgeReward.class, "judge-default.txt")
                : PromptTemplate.read(Path.of(template), key, "'default'"), key + " '" + template + "'", List.of(CAPTION),
                List.of(REFERENCE));
    }

    @Override
    public String name() {
        return "judge";
    }

    /** For the run's samples. */
    private record Judged(Verdict verdict, String reply) {
    }

    @Override
    public List<List<Score>> score(List<GroupToScore> groups) {
        List<TextWriter.Request> requests = new ArrayList<>();
        for (GroupToScore group : groups) {
            for (int i = 0; i < group.captions().size() && judgeable(group); i++) {
                String turn = template.fill(Map.of(CAPTION, group.captions().get(i).text(),
                        REFERENCE, group.sample().caption().orElse("")));
                requests.add(new TextWriter.Request(turn, CounterRandom.with(group.captionKey(i), JUDGE)));
            }
        }
        List<Answer> replies = judge.write(requests);
        if (replies.size() != requests.size()) {
            throw new IllegalStateException("the judge returned " + replies.size() + " replies to " + requests.size() + " texts");
        }
        List<List<Score>> scores = new ArrayList<>();
        int at = 0;
        for (GroupToScore group : groups) {
            List<Score> ofGroup = new ArrayList<>();
            for (int i = 0; i < group.captions().size(); i++) {
                ofGroup.add(judgeable(group) ? score(replies.get(at++)) : Score.unscored("sample '" + group.sample().id()
                        + "' has no 'caption' to compare with, which reward.judge.template asks for"));
            }
            scores.add(ofGroup);
        }
        return scores;
    }

    private boolean judgeable(GroupToScore group) {
        return !template.has(REFERENCE) || group.sample().caption().isPresent();
    }

    private static Score score(Answer reply) {
        if (reply.failure().isPresent()) {
            return Score.unscored("the judge did not reply: " + reply.failure().get());
        }
        try {
            Verdict verdict = Verdict.parse(reply.text());
            return new Score(verdict.value(), Optional.empty(), List.of(new Judged(verdict, reply.text())));
        } catch (IllegalArgumentException e) {
            return Score.unscored(e.getMessage());
        }
    }
}
