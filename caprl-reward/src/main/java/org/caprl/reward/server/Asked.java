package org.caprl.reward.server;

import java.util.List;
import java.util.Optional;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.ImageElsewhere;
import org.caprl.core.data.QaItem;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.Score;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;
import org.caprl.reward.qa.LetterReader;
import org.caprl.reward.qa.QaReward;

/** What requests ask of the answerer. */
final class Asked {
    private Asked() {
    }

    /**
     * Rewards. An item is one caption.
     *
     * @param reward with the paper that the request wants
     */
    record Rewards(QaReward reward) implements AnswerQueue.Work<GroupToScore, Score> {
        @Override
        public List<Score> run(List<GroupToScore> items) {
            return reward.score(items).stream().map(List::getFirst).toList();
        }

        @Override
        public int questions(GroupToScore item) {
            int drawn = reward.paper().questions();
            return drawn == 0 ? item.sample().questions().size() : drawn;
        }
    }

    /** What the answerer thinks of letters. An item is one caption. */
    record Letters(LetterReader reader) implements AnswerQueue.Work<CaptionQuestions, List<LetterLogProbs>> {
        @Override
        public List<List<LetterLogProbs>> run(List<CaptionQuestions> items) {
            return reader.letterLogProbs(items);
        }

        @Override
        public int questions(CaptionQuestions item) {
            return item.questions().size();
        }
    }

    /** One caption of a sample whose image stays with whoever asks. */
    static GroupToScore caption(String sample, List<QaItem> questions, String text, long key, int index) {
        CaptionSample unseen = new CaptionSample(sample, List.of(new ImageElsewhere(sample)), CaptionSample.defaultPrompt(1), "",
                questions, Optional.empty(), List.of());
        return new GroupToScore(unseen, List.of(new GroupToScore.CaptionText(text, 0)), key, index);
    }
}
