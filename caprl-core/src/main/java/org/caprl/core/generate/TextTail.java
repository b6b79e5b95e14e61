package org.caprl.core.generate;

import java.util.List;

/**
 * Watches the text of one branch for stop strings and asks the stop rule, decoding only the last few tokens each time.
 *
 * <p>A token may hold part of a character, so text is kept once it no longer ends in U+FFFD, and new tokens are decoded together with the
 * ones kept last, since some tokenizers write a token differently at the start of a text.
 */
final class TextTail {
    private final TokenText tokens;
    private final List<String> stop;
    private final StopRule rule;
    private final int longestStop;
    private final StringBuilder kept = new StringBuilder();
    private int contextFrom;
    private int keptTo;

    TextTail(TokenText tokens, SamplingParams params) {
        this.tokens = tokens;
        this.stop = params.stop();
        this.rule = params.stopRule();
        this.longestStop = stop.stream().mapToInt(String::length).max().orElse(0);
    }

    /** Whether the text of the first {@code count} ids says to stop; called after every token. */
    boolean stops(int[] ids, int count) {
        String context = tokens.text(ids, contextFrom, keptTo);
        String whole = tokens.text(ids, contextFrom, count);
        String added = whole.length() > context.length() ? whole.substring(context.length()) : "";
        int before = kept.length();
        kept.append(added);
        boolean stops = found(Math.max(0, before - longestStop)) || rule.stops(kept);
        if (added.endsWith("\uFFFD")) {
            kept.setLength(before);
        } else {
            contextFrom = keptTo;
            keptTo = count;
        }
        return stops;
    }

    private boolean found(int from) {
        for (String s : stop) {
            if (kept.indexOf(s, from) >= 0) {
                return true;
            }
        }
        return false;
    }
}
