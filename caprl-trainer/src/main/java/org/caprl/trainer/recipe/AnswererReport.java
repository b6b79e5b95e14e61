package org.caprl.trainer.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.caprl.core.data.QaItem;
import org.caprl.core.data.synth.AnswererExample;
import org.caprl.core.data.synth.AnswererExamples;
import org.caprl.core.data.synth.CaptionKind;
import org.caprl.core.data.synth.Split;
import org.caprl.reward.qa.Answerer;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.PosedQuestion;

/**
 * How an answerer reads captions of held-out scenes of the synthetic world. Right is the option that follows from the caption, true or
 * not, and the refusal where none does.
 *
 * @param lines one a kind of caption
 * @param guessing with the empty caption, when it must choose
 */
public record AnswererReport(List<Line> lines, Guessing guessing) {
    /**
     * One kind of caption.
     *
     * @param kind of the captions
     * @param examples that were asked, one question each
     * @param right share
     * @param refused share
     */
    public record Line(CaptionKind kind, int examples, double right, double refused) {
    }

    /** Measures so many examples of each kind. */
    public static AnswererReport of(Answerer answerer, long seed, int examples) {
        AnswererExamples source = new AnswererExamples(seed, Split.EVAL);
        List<Line> lines = new ArrayList<>();
        List<List<PosedQuestion>> empty = new ArrayList<>();
        for (CaptionKind kind : CaptionKind.values()) {
            int right = 0;
            int refused = 0;
            for (int i = 0; i < examples; i++) {
                AnswererExample example = source.get(i, kind);
                QaItem item = example.question();
                List<PosedQuestion> asked = List.of(new PosedQuestion(item.question(), item.choices(), item.answer()));
                char chosen = answerer.letterLogProbs(List.of(new CaptionQuestions(example.caption(), asked, 0))).getFirst().getFirst()
                        .best(asked.getFirst(), false);
                right += chosen == example.targetLetter().charAt(0) ? 1 : 0;
                refused += chosen == PosedQuestion.REFUSAL_LETTER ? 1 : 0;
                if (kind == CaptionKind.EMPTY) {
                    empty.add(asked);
                }
            }
            lines.add(new Line(kind, examples, right / (double) examples, refused / (double) examples));
        }
        return new AnswererReport(List.copyOf(lines), Guessing.of(answerer, empty));
    }

    /** A table for the terminal. */
    public String text() {
        StringBuilder text = new StringBuilder("  caption     questions    right  refused\n");
        for (Line line : lines) {
            text.append(String.format(Locale.ROOT, "  %-10s %10d  %5.1f %%  %5.1f %%\n", line.kind().name().toLowerCase(Locale.ROOT),
                    line.examples(), 100 * line.right(), 100 * line.refused()));
        }
        return text.append("  ").append(guessing.text()).append('\n').toString();
    }
}
