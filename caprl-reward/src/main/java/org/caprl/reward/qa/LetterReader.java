package org.caprl.reward.qa;

import java.util.List;
import org.caprl.core.RunStoppedException;

/** Says what a frozen language model thinks of the letters of questions: what evaluations are made of. */
public interface LetterReader {
    /**
     * What it thinks of each letter, nothing drawn. Keys of the captions are not used.
     *
     * @return a list a caption, one a question, in the order given; what could not be asked is {@link LetterLogProbs#failed}
     * @throws RunStoppedException if a letter has no finite log-probability
     */
    List<List<LetterLogProbs>> letterLogProbs(List<CaptionQuestions> captions);
}
