package org.caprl.trainer.recipe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.caprl.core.data.QaItem;
import org.caprl.core.data.synth.AnswererExample;
import org.caprl.core.data.synth.AnswererExamples;
import org.caprl.core.data.synth.CaptionAnswer;
import org.caprl.core.model.PackedGroup;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Processor;
import org.caprl.core.random.CounterRandom;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.AnswererRows;
import org.caprl.reward.qa.PosedQuestion;

/**
 * Teaches a small network to answer questions from captions of the synthetic world: the answer is the letter that follows from the caption.
 *
 * <p>To look a fact up a network needs attention that finds an earlier occurrence of a word. That comes soon when every token asks for
 * it and hardly ever when one token in twenty does, so there are three kinds of exercise:
 * <ul>
 * <li>copying: words of the world at random, and the same words again
 * <li>facts: the questions of a caption without options, answered by the value, or "unknown" where the caption does not say
 * <li>papers: the questions with their options and the refusal, answered by the letter
 * </ul>
 */
public final class AnswererWarmStart implements SftSource {
    private static final int COPYING_ONLY = 36_000;
    private static final int WORD_EXAMPLES = 400;
    private static final int SHORTEST = 6;
    private static final int LONGEST = 21;
    private static final String UNKNOWN = "unknown";
    private static final long PURPOSE = CounterRandom.hash("copying exercise");

    private final AnswererExamples examples;
    private final Processor processor;
    private final AnswererPrompt prompt;
    private final Stage stage;
    private final int[] words;

    /** Which exercises come when. */
    public enum Stage {
        /** Learning to look up: {@value #COPYING_ONLY} times copying, then the three in turn. */
        LOOKUP,
        /** Learning to answer: five of eight are papers. */
        PAPERS
    }

    /**
     * Exercises.
     *
     * @param stage which of them come when
     * @param examples captions and questions
     * @param processor of the model that is trained
     * @param prompt the template around caption and question
     */
    public AnswererWarmStart(Stage stage, AnswererExamples examples, Processor processor, AnswererPrompt prompt) {
        this.stage = stage;
        this.examples = examples;
        this.processor = processor;
        this.prompt = prompt;
        TreeSet<Integer> ids = new TreeSet<>();
        for (int i = 0; i < WORD_EXAMPLES; i++) {
            AnswererExample e = examples.get(i);
            add(ids, e.caption());
            add(ids, e.question().question());
            e.question().choices().forEach(choice -> add(ids, " " + choice));
        }
        this.words = ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private void add(TreeSet<Integer> ids, String text) {
        Arrays.stream(processor.tokenizer().encode(text)).forEach(ids::add);
    }

    @Override
    public PackedGroup example(long index) {
        if (stage == Stage.LOOKUP) {
            int third = index < COPYING_ONLY ? 0 : (int) (index % 3);
            return third == 0 ? copying(index) : third == 1 ? facts(index) : paper(index);
        }
        int eighth = (int) (index % 8);
        return eighth == 0 ? copying(index) : eighth % 4 == 1 ? facts(index) : paper(index);
    }

    /** Words, and the same words again, of which all but the first are asked for. */
    PackedGroup copying(long index) {
        long key = CounterRandom.key(examples.seed(), PURPOSE, index);
        int[] drawn = new int[SHORTEST + CounterRandom.below(key, 0, LONGEST - SHORTEST + 1)];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = words[CounterRandom.below(key, i + 1L, words.length)];
        }
        return new PackedGroup(Prompt.text("copying " + index, drawn), List.of(new PackedGroup.Completion(drawn, 1)));
    }

    /** The questions of a caption without options. */
    PackedGroup facts(long index) {
        List<String> turns = new ArrayList<>();
        List<String> answers = new ArrayList<>();
        for (AnswererExample e : examples.paper(index)) {
            turns.add(e.caption() + "\n" + e.question().question());
            answers.add(e.impliedOption() == CaptionAnswer.NONE ? UNKNOWN : e.question().choices().get(e.impliedOption()));
        }
        return group("facts " + index, turns, answers);
    }

    /** The questions of a caption as they are put to the answerer. */
    public PackedGroup paper(long index) {
        List<String> turns = new ArrayList<>();
        List<String> answers = new ArrayList<>();
        for (AnswererExample e : examples.paper(index)) {
            QaItem item = e.question();
            turns.add(prompt.userTurn(e.caption(), new PosedQuestion(item.question(), item.choices(), item.answer())));
            answers.add(String.valueOf(letter(e)));
        }
        return group("paper " + index, turns, answers);
    }

    private PackedGroup group(String id, List<String> turns, List<String> answers) {
        AnswererRows rows = AnswererRows.of(processor, turns);
        List<PackedGroup.Completion> completions = new ArrayList<>();
        for (int i = 0; i < turns.size(); i++) {
            int[] suffix = rows.suffixes().get(i);
            PackedGroup.Completion answer = SftText.completion(processor, " " + answers.get(i) + ".");
            int[] ids = Arrays.copyOf(suffix, suffix.length + answer.ids().length);
            System.arraycopy(answer.ids(), 0, ids, suffix.length, answer.ids().length);
            completions.add(new PackedGroup.Completion(ids, suffix.length));
        }
        return new PackedGroup(Prompt.text(id, rows.shared()), completions);
    }

    private static char letter(AnswererExample example) {
        return example.impliedOption() == CaptionAnswer.NONE ? PosedQuestion.REFUSAL_LETTER : QaItem.letter(example.impliedOption());
    }
}
