package org.caprl.core.data.synth;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.QaItem;

/**
 * Texts of the synthetic world to train a small tokenizer on: captions full and faulty, questions with their options, answers, prompts and
 * the names of roles. Every letter of an option then is one token with its leading space, as {@code " A"}.
 */
public final class WorldTexts {
    /** Captions as a weak policy writes them. */
    public static final CaptionNoise NOISE = new CaptionNoise(0.75, 0.4, 0.75, 0.12);

    private static final int EXAMPLES = 3000;
    private static final long POLICY_SEED = 7;
    private static final long ANSWERER_SEED = 3;
    private static final String LETTERS = "ABCDEF";

    private WorldTexts() {
    }

    /** The texts; always the same. */
    public static List<String> all() {
        PolicyExamples policy = new PolicyExamples(POLICY_SEED, Split.WARM_START, NOISE);
        AnswererExamples answerer = new AnswererExamples(ANSWERER_SEED, Split.WARM_START);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < EXAMPLES; i++) {
            texts.add(policy.get(i).caption());
            AnswererExample asked = answerer.get(i);
            texts.add(asked.caption());
            QaItem question = asked.question();
            texts.add(question.question());
            for (int c = 0; c < question.choices().size(); c++) {
                texts.add("   - " + QaItem.letter(c) + ") " + question.choices().get(c));
            }
            texts.add("\n   - F) Can not answer based on the caption");
            texts.add("The answer is " + LETTERS.charAt(i % LETTERS.length()) + ".");
            texts.add(" " + CaptionSample.DEFAULT_PROMPT);
            texts.add("user\nassistant\nsystem\n");
        }
        return texts;
    }
}
