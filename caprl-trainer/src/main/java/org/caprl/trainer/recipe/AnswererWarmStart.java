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
 * <p>A small network finds it hard to learn two things at once that only show together: to find the fact, and to find the option that
 * names it. So each caption also comes with the questions without options, answered by the value itself ("unknown" where the caption does
 * not say), and with options to pick a named value from.
 *
 * @param examples captions and questions
 * @param processor of the model that is trained
 * @param prompt the template around caption and question
 */
public record AnswererWarmStart(AnswererExamples examples, Processor processor, AnswererPrompt prompt) implements SftSource {
    private static final String UNKNOWN = "unknown";
    private static final int PICKS = 2;

    @Override
    public PackedGroup example(long index) {
        List<AnswererExample> paper = examples.paper(index);
        String caption = paper.getFirst().caption();
        List<String> turns = new ArrayList<>();
        List<String> answers = new ArrayList<>();
        for (int q = 0; q < paper.size(); q++) {
            AnswererExample e = paper.get(q);
            QaItem item = e.question();
            PosedQuestion posed = new PosedQuestion(item.question(), item.choices(), item.answer());
            turns.add(prompt.userTurn(caption, posed));
            answers.add(String.valueOf(letter(e)));
            turns.add(caption + "\n" + item.question());
            answers.add(e.impliedOption() == CaptionAnswer.NONE ? UNKNOWN : item.choices().get(e.impliedOption()));
            if (q < PICKS) {
                turns.add(prompt.userTurn(caption, new PosedQuestion(item.choices().get(item.answer()), item.choices(), item.answer())));
                answers.add(String.valueOf(posed.rightLetter()));
            }
        }
        AnswererRows rows = AnswererRows.of(processor, turns);
        List<PackedGroup.Completion> completions = new ArrayList<>();
        for (int i = 0; i < turns.size(); i++) {
            int[] suffix = rows.suffixes().get(i);
            PackedGroup.Completion answer = SftText.completion(processor, " " + answers.get(i) + ".");
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
