package org.caprl.reward;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Time stamps in captions of videos: {@code [mm:ss]}, or {@code [mm:ss - mm:ss]} for a span.
 *
 * <pre>
 * 0.45 · coverage · validity + 0.25 · validity + 0.30 · order · validity
 * </pre>
 *
 * <ul>
 * <li>A mark is anything in brackets that is made of digits, colons, blanks, points and dashes, has a digit and a colon.
 * <li>It is valid if it has one of the two forms: minutes of 1 to 3 digits up to 599, seconds of two digits up to 59, and a span does not
 *     end before it begins.
 * <li>validity = valid marks / marks; coverage = min(1, valid marks / 3); order = share of neighbouring valid marks of which the second
 *     does not begin before the first, 1 for a single one.
 * <li>Without a valid mark it is 0.
 * </ul>
 *
 * <p>Worked examples: {@code [00:01] … [00:05 - 00:09] … [01:20]} gives 1. {@code [00:05] … [00:01]} has coverage 2/3, validity 1 and order
 * 0: 0.45 · 2/3 + 0.25 = 0.55. {@code [00:01] … [00:75] … [00:09] … [00:12]} has coverage 1, validity 3/4 and order 1: 0.75.
 */
public record FormatReward() implements Reward {
    private static final int EXPECTED = 3;
    private static final int MOST_MINUTES = 599;
    private static final int SECONDS = 60;
    private static final Pattern MARK = Pattern.compile("\\[(?=[^\\]]*\\d)[\\d\\s.\\-–—]*:[\\d\\s.:\\-–—]*\\]");
    private static final Pattern VALID = Pattern.compile("\\[(\\d{1,3}):(\\d{2})(?:\\s*-\\s*(\\d{1,3}):(\\d{2}))?\\]");

    /**
     * What was found in a caption: for the run's samples.
     *
     * @param marks of any form
     * @param valid valid ones
     * @param order 0 … 1; 0 where there is none
     */
    public record TimeMarks(int marks, int valid, double order) {
        /** The marks of a caption. */
        public static TimeMarks of(String caption) {
            List<Integer> begins = new ArrayList<>();
            int marks = 0;
            for (Matcher m = MARK.matcher(caption); m.find();) {
                marks++;
                begin(m.group()).ifPresent(begins::add);
            }
            int ordered = 0;
            for (int i = 1; i < begins.size(); i++) {
                ordered += begins.get(i) >= begins.get(i - 1) ? 1 : 0;
            }
            return new TimeMarks(marks, begins.size(), begins.size() > 1 ? ordered / (double) (begins.size() - 1) : begins.size());
        }

        /** Seconds at which a valid mark begins. */
        private static Optional<Integer> begin(String mark) {
            Matcher m = VALID.matcher(mark);
            if (!m.matches()) {
                return Optional.empty();
            }
            int begin = seconds(m.group(1), m.group(2));
            int end = m.group(3) == null ? begin : seconds(m.group(3), m.group(4));
            return begin >= 0 && end >= begin ? Optional.of(begin) : Optional.empty();
        }

        private static int seconds(String minutes, String seconds) {
            int m = Integer.parseInt(minutes);
            int s = Integer.parseInt(seconds);
            return m > MOST_MINUTES || s >= SECONDS ? -1 : m * SECONDS + s;
        }

        /** The reward. */
        public double value() {
            if (valid == 0) {
                return 0;
            }
            double validity = valid / (double) marks;
            double coverage = Math.min(1, valid / (double) EXPECTED);
            return 0.45 * coverage * validity + 0.25 * validity + 0.30 * order * validity;
        }
    }

    @Override
    public String name() {
        return "format";
    }

    @Override
    public List<List<Score>> score(List<GroupToScore> groups) {
        return groups.stream().map(group -> group.captions().stream().map(caption -> {
            TimeMarks marks = TimeMarks.of(caption.text());
            return new Score(marks.value(), Optional.empty(), List.of(marks));
        }).toList()).toList();
    }
}
