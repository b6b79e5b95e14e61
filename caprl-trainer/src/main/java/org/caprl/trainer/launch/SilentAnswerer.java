package org.caprl.trainer.launch;

import java.util.List;
import org.caprl.reward.qa.Answer;
import org.caprl.reward.qa.Answerer;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LetterLogProbs;

/** Stands for a remote answerer in a dry run: it has no memory here, and nobody may be asked. Every answer is empty. */
final class SilentAnswerer implements Answerer {
    @Override
    public List<List<Answer>> answer(List<CaptionQuestions> captions) {
        return captions.stream().map(caption -> caption.questions().stream().map(_ -> Answer.of("")).toList()).toList();
    }

    @Override
    public List<List<LetterLogProbs>> letterLogProbs(List<CaptionQuestions> captions) {
        return captions.stream().map(caption -> caption.questions().stream()
                .map(_ -> new LetterLogProbs(new double[LetterLogProbs.LETTERS])).toList()).toList();
    }
}
