package org.caprl.trainer.config;

import java.util.List;
import java.util.Optional;
import org.caprl.core.config.Key;
import org.caprl.reward.qa.Marking;
import org.caprl.reward.qa.QuestionPaper;
import org.caprl.reward.qa.Unmatched;

/**
 * What a caption is worth: the weighted sum of its parts.
 *
 * @param questionsPerCaption drawn with replacement; 0 for each once
 * @param unmatched what becomes of questions whose right answer is not among their options
 * @param marking of answers
 * @param wrongPenalty of wrong answers
 * @param answerTemperature of the answerer
 * @param answerMaxTokens of the answerer
 * @param qaWeight weight of the share of right answers
 * @param length reward of short captions
 * @param format reward of time stamps
 * @param judge reward of a model's grades
 * @param custom users' own rewards
 * @param server where all but length, format, judge and custom rewards are computed
 * @param maxUnscoredShare above it the run stops
 */
public record RewardSection(
        @Key(doc = "Questions that the answerer gets about each caption, drawn with replacement; `all` asks each of the image's once.",
                defaultValue = "8", min = 1, zero = "all")
        int questionsPerCaption,
        @Key(doc = "A question whose right answer is a label that none of its options has: `keep` asks it unshuffled, and only that label "
                + "is right; `drop` does not ask it.", defaultValue = "keep") Unmatched unmatched,
        @Key(doc = "What an answer is worth: `answer` samples it, 1 if its first letter is right; `probability` takes the probability of "
                + "the right letter among those offered, at `reward.answer_temperature`, and samples nothing.", defaultValue = "answer")
        MarkingKind marking,
        @Key(doc = "What a share of wrong answers costs; a refusal and an answer without a letter cost nothing.",
                defaultValue = "0.0", min = 0) double wrongPenalty,
        @Key(doc = "Temperature of the answerer; 0 takes its most probable answer.",
                defaultValue = "0.6", min = 0) double answerTemperature,
        @Key(doc = "Most tokens of an answer.", defaultValue = "10", min = 1) int answerMaxTokens,
        @Key(doc = "Weight of the share of right answers.", defaultValue = "1.0", min = 0) double qaWeight,
        @Key(doc = "Reward of captions that are not too long.") LengthSection length,
        @Key(doc = "Reward of time stamps, for captions of videos.") FormatSection format,
        @Key(doc = "Reward of captions by the grades of a language model.") Optional<JudgeSection> judge,
        @Key(doc = "Rewards of your own classes.", defaultValue = "[]") List<CustomRewardSection> custom,
        @Key(doc = "Reward servers that answer and mark in place of this JVM; rewards and evaluations are the same. `answerer` is then not "
                + "needed, and not looked at.") Optional<RewardServerSection> server,
        @Key(doc = "The run stops when more than this share of a step's captions could not be scored.",
                defaultValue = "0.5", min = 0, max = 1)
        double maxUnscoredShare) {
    private static final int SUPPOSED_QUESTIONS = 8;

    /** How the questions on a caption are drawn. */
    public QuestionPaper paper() {
        return new QuestionPaper(questionsPerCaption, unmatched);
    }

    /** How answers are marked. */
    public Marking marks() {
        return marking.at(answerTemperature);
    }

    /** Questions on a caption where the data are not looked at: those asked for, or what an image is supposed to have. */
    public int supposedQuestions() {
        return questionsPerCaption == 0 ? SUPPOSED_QUESTIONS : questionsPerCaption;
    }
}
