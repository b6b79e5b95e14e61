package org.caprl.reward.qa;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.caprl.core.model.load.Processor;
import org.caprl.core.text.ChatMessage;
import org.caprl.core.text.ChatTemplate;

/**
 * The questions on one caption as token ids: what they all begin with, and how each goes on until the answer.
 *
 * <p>Each question's whole text is tokenized by itself and the longest common beginning is split off, so ids are those of the plain way,
 * whatever the tokenizer merges at the seam.
 *
 * @param shared ids that all questions begin with; at least one
 * @param suffixes for each question the ids after {@code shared}; at least one
 */
public record AnswererRows(int[] shared, List<int[]> suffixes) {
    /** The rows of a caption's questions, in the answerer's chat template, with the beginning of its turn. */
    public static AnswererRows of(Processor processor, AnswererPrompt prompt, String caption, List<PosedQuestion> questions) {
        return of(processor, questions.stream().map(question -> prompt.userTurn(caption, question)));
    }

    /** A user turn in the answerer's chat template, and the beginning of its own turn. */
    public static String rendered(ChatTemplate template, String userTurn) {
        return template.render(List.of(ChatMessage.text("user", userTurn)), true) + AnswererPrompt.TURN_START;
    }

    /** The rows of user turns that begin alike, each followed by the beginning of the answerer's turn. */
    public static AnswererRows of(Processor processor, List<String> userTurns) {
        return of(processor, userTurns.stream());
    }

    /** The same; a parallel stream is tokenized in parallel. */
    static AnswererRows of(Processor processor, Stream<String> userTurns) {
        List<int[]> whole = userTurns.map(turn -> processor.tokenizer().encode(rendered(processor.template(), turn))).toList();
        int common = whole.stream().mapToInt(ids -> ids.length - 1).min().orElse(0);
        for (int[] ids : whole) {
            int mismatch = Arrays.mismatch(ids, 0, common, whole.getFirst(), 0, common);
            common = mismatch < 0 ? common : mismatch;
        }
        int n = common;
        return new AnswererRows(Arrays.copyOf(whole.getFirst(), n),
                whole.stream().map(ids -> Arrays.copyOfRange(ids, n, ids.length)).toList());
    }
}
