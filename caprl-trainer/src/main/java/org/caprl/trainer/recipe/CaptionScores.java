package org.caprl.trainer.recipe;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.QaItem;
import org.caprl.core.data.synth.FactScore;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.reward.qa.LetterReader;
import org.caprl.reward.qa.PosedQuestion;

/**
 * What captions of held-out images are worth, whoever wrote them.
 *
 * @param samples the images
 * @param answerer who reads the captions
 */
public record CaptionScores(List<CaptionSample> samples, LetterReader answerer) {
    /** The questions of a sample in the order of the data, but those whose right answer is not among their options. */
    public static List<PosedQuestion> paper(CaptionSample sample) {
        return sample.questions().stream().filter(QaItem::matched).map(q -> new PosedQuestion(q.question(), q.choices(), q.answer()))
                .toList();
    }

    /**
     * Scores one caption a sample, in order.
     *
     * @param finished share of the captions that ended by themselves
     */
    public Evaluation.Report of(List<String> captions, double finished) {
        List<CaptionQuestions> papers = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            papers.add(new CaptionQuestions(captions.get(i), paper(samples.get(i)), 0));
        }
        List<List<LetterLogProbs>> answers = answerer.letterLogProbs(papers);
        List<Evaluation.Row> rows = new ArrayList<>();
        FactScore facts = FactScore.ZERO;
        int right = 0;
        int asked = 0;
        for (int i = 0; i < samples.size(); i++) {
            CaptionSample sample = samples.get(i);
            List<PosedQuestion> questions = papers.get(i).questions();
            int good = 0;
            for (int q = 0; q < questions.size(); q++) {
                good += answers.get(i).get(q).best(questions.get(q), false) == questions.get(q).rightLetter() ? 1 : 0;
            }
            FactScore stated = sample.facts().isEmpty() ? FactScore.ZERO : FactScore.of(captions.get(i), sample.facts());
            rows.add(new Evaluation.Row(sample.id(), captions.get(i), good / (double) Math.max(1, questions.size()), stated));
            facts = facts.plus(stated);
            right += good;
            asked += questions.size();
        }
        return new Evaluation.Report(rows, right / (double) Math.max(1, asked), facts, finished);
    }
}
