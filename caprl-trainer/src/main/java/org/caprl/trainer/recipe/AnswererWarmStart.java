package org.caprl.trainer.recipe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.data.QaItem;
import org.caprl.core.data.synth.AnswererExample;
import org.caprl.core.data.synth.AnswererExamples;
import org.caprl.core.data.synth.CaptionAnswer;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Processor;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.AnswererRows;
import org.caprl.reward.qa.PosedQuestion;

/**
 * Captions of the synthetic world with all questions of their scene; the answer is the letter that follows from the caption.
 *
 * @param examples captions and questions
 * @param processor of the model that is trained
 * @param prompt the template around caption and question
 */
public record AnswererWarmStart(AnswererExamples examples, Processor processor, AnswererPrompt prompt) implements SftSource {
    @Override
    public PackedGroup example(long index) {
        List<AnswererExample> paper = examples.paper(index);
        String caption = paper.getFirst().caption();
        List<PosedQuestion> questions = paper.stream()
                .map(e -> new PosedQuestion(e.question().question(), e.question().choices(), e.question().answer())).toList();
        AnswererRows rows = AnswererRows.of(processor, prompt, caption, questions);
        List<PackedGroup.Completion> completions = new ArrayList<>();
        for (int q = 0; q < questions.size(); q++) {
            int[] suffix = rows.suffixes().get(q);
            PackedGroup.Completion answer = SftText.completion(processor, " " + letter(paper.get(q)) + ".");
            int[] ids = Arrays.copyOf(suffix, suffix.length + answer.ids().length);
            System.arraycopy(answer.ids(), 0, ids, suffix.length, answer.ids().length);
            completions.add(new PackedGroup.Completion(ids, suffix.length));
        }
        return new PackedGroup(Prompt.text("answerer " + index, rows.shared()), completions);
    }

    private static char letter(AnswererExample example) {
        return example.impliedOption() == CaptionAnswer.NONE ? PosedQuestion.REFUSAL_LETTER : QaItem.letter(example.impliedOption());
    }
}
