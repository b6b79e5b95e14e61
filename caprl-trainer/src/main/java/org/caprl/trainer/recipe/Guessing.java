package org.caprl.trainer.recipe;

import java.util.List;
import java.util.Locale;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.reward.qa.LetterReader;
import org.caprl.reward.qa.PosedQuestion;

/**
 * How well questions can be answered without any caption: an answerer that reads an empty one and must choose an option. Questions that
 * can't be guessed give the rate of chance.
 *
 * @param rate right answers over questions
 * @param chance mean of one over the number of options
 * @param questions that were asked
 */
public record Guessing(double rate, double chance, int questions) {
    /** Asks every question of every paper once. */
    public static Guessing of(LetterReader answerer, List<List<PosedQuestion>> papers) {
        int right = 0;
        int asked = 0;
        double chance = 0;
        List<List<PosedQuestion>> asking = papers.stream().filter(p -> !p.isEmpty()).toList();
        List<List<LetterLogProbs>> answers = answerer.letterLogProbs(asking.stream().map(p -> new CaptionQuestions("", p, 0)).toList());
        for (int p = 0; p < asking.size(); p++) {
            List<PosedQuestion> paper = asking.get(p);
            for (int q = 0; q < paper.size(); q++) {
                right += answers.get(p).get(q).best(paper.get(q), true) == paper.get(q).rightLetter() ? 1 : 0;
                chance += 1.0 / paper.get(q).options().size();
            }
            asked += paper.size();
        }
        int n = Math.max(1, asked);
        return new Guessing(right / (double) n, chance / n, asked);
    }

    /** One line. */
    public String text() {
        return String.format(Locale.ROOT, "guessing without a caption: %.1f %% right of %,d questions, chance %.1f %%",
                100 * rate, questions, 100 * chance);
    }
}
