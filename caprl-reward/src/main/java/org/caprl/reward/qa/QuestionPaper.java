package org.caprl.reward.qa;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.QaItem;
import org.caprl.core.random.CounterRandom;

/**
 * The questions that a caption is examined with: drawn from the sample's, their options shuffled. A draw is a function of its key.
 *
 * @param questions how many are drawn, with replacement; 0 for each of the sample's once
 * @param unmatched what becomes of a question whose right answer is not among its options
 */
public record QuestionPaper(int questions, Unmatched unmatched) {
    private static final long DRAW = CounterRandom.hash("question draw");
    private static final long SHUFFLE = CounterRandom.hash("option shuffle");

    /** Each question once, in the order of the data. */
    public static final QuestionPaper ALL = new QuestionPaper(0);

    /** A paper of so many questions as published. */
    public QuestionPaper(int questions) {
        this(questions, Unmatched.KEEP);
    }

    /** @throws IllegalArgumentException if the count is negative */
    public QuestionPaper {
        if (questions < 0) {
            throw new IllegalArgumentException("questions per caption must be ≥ 1, or 0 for all, got " + questions);
        }
    }

    /**
     * Draws the paper of one caption; empty if all questions of the sample are dropped.
     *
     * @param key of the caption (run seed, step, sample, caption index)
     * @throws InputException if the sample has no questions
     */
    public List<PosedQuestion> draw(CaptionSample sample, long key) {
        List<QaItem> items = sample.questions();
        if (items.isEmpty()) {
            throw new InputException("sample '" + sample.id() + "' has no questions, so its captions can't be scored; "
                    + "give it at least one in reward_model.ground_truth, or leave it out");
        }
        if (unmatched == Unmatched.DROP) {
            items = items.stream().filter(QaItem::matched).toList();
        }
        int n = questions == 0 || items.isEmpty() ? items.size() : questions;
        List<PosedQuestion> paper = new ArrayList<>(n);
        for (int q = 0; q < n; q++) {
            int drawn = questions == 0 ? q : CounterRandom.below(CounterRandom.with(key, DRAW), q, items.size());
            paper.add(shuffled(items.get(drawn), CounterRandom.with(CounterRandom.with(key, SHUFFLE), q)));
        }
        return paper;
    }

    private static PosedQuestion shuffled(QaItem item, long key) {
        if (!item.matched()) {
            return new PosedQuestion(item.question(), item.choices(), item.answer());
        }
        int[] order = CounterRandom.permutation(key, item.choices().size());
        List<String> options = new ArrayList<>(order.length);
        int right = -1;
        for (int i = 0; i < order.length; i++) {
            options.add(item.choices().get(order[i]));
            right = order[i] == item.answer() ? i : right;
        }
        return new PosedQuestion(item.question(), options, right);
    }
}
