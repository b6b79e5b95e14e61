package org.caprl.core.metrics;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The name of a number in {@code metrics.jsonl}. There are the constants below, and four families whose members depend on what a run
 * is made of: {@link #reward}, {@link #time}, {@link #speed}, {@link #memory}.
 */
public final class MetricKey {
    /** Mean reward of the step's captions. */
    public static final MetricKey REWARD_MEAN = new MetricKey("reward/mean");
    /** Standard deviation of the rewards. */
    public static final MetricKey REWARD_STD = new MetricKey("reward/std");
    /** Mean share of right answers. */
    public static final MetricKey REWARD_QA = new MetricKey("reward/qa");
    /** Mean length reward. */
    public static final MetricKey REWARD_LENGTH = new MetricKey("reward/length");
    /** Share of right answers from greedy captions of held-out images. */
    public static final MetricKey EVAL_QA_ACCURACY = new MetricKey("eval/qa_accuracy");
    /** True facts stated over facts in the scene. */
    public static final MetricKey EVAL_FACTS_TRUE = new MetricKey("eval/facts_true");
    /** False facts over facts stated. */
    public static final MetricKey EVAL_FACTS_FALSE = new MetricKey("eval/facts_false");
    /** The loss whose gradient was taken, mean over the step's updates. */
    public static final MetricKey LOSS_TOTAL = new MetricKey("loss/total");
    /** Mean KL estimate a token, before its weight. */
    public static final MetricKey LOSS_KL = new MetricKey("loss/kl");
    /** Share of ratios that the clip cut off. */
    public static final MetricKey LOSS_CLIP_SHARE = new MetricKey("loss/clip_share");
    /** Mean entropy of the policy a token, nats. */
    public static final MetricKey POLICY_ENTROPY = new MetricKey("policy/entropy");
    /** Norm of the gradient before clipping. */
    public static final MetricKey POLICY_GRAD_NORM = new MetricKey("policy/grad_norm");
    /** Learning rate of the step's last update. */
    public static final MetricKey POLICY_LR = new MetricKey("policy/lr");
    /**
     * Largest difference of a token's log-prob between rollout and trainer before the step's first update. The weights are the same, unless
     * captions are written one step ahead: then it shows that update, too.
     */
    public static final MetricKey LOGPROB_GAP_MAX = new MetricKey("logprob_gap/max");
    /** Mean of that difference. */
    public static final MetricKey LOGPROB_GAP_MEAN = new MetricKey("logprob_gap/mean");
    /** Mean length of a caption in tokens. */
    public static final MetricKey CAPTION_TOKENS_MEAN = new MetricKey("caption/tokens_mean");
    /** Share of captions that ended by themselves. */
    public static final MetricKey CAPTION_FINISHED_SHARE = new MetricKey("caption/finished_share");
    /** Groups that gave no gradient or could not be scored. */
    public static final MetricKey GROUP_DROPPED = new MetricKey("group/dropped");
    /** Prompt tokens that went through the decoder in rollout. */
    public static final MetricKey COUNT_PREFILL_TOKENS = new MetricKey("count/prefill_tokens");
    /** Images that went through the vision tower in rollout. */
    public static final MetricKey COUNT_IMAGE_ENCODES = new MetricKey("count/image_encodes");
    /** Passes of rollout that gave every running caption one more token; of several engines, the longest series. */
    public static final MetricKey COUNT_DECODE_STEPS = new MetricKey("count/decode_steps");

    /** Questions of the step's samples whose right answer is not among their options. */
    public static final MetricKey COUNT_UNMATCHED_QUESTIONS = new MetricKey("count/unmatched_questions");

    /** The constants, in the order in which a reader wants them. */
    public static final List<MetricKey> CONSTANTS = List.of(REWARD_MEAN, REWARD_STD, REWARD_QA, REWARD_LENGTH, EVAL_QA_ACCURACY,
            EVAL_FACTS_TRUE, EVAL_FACTS_FALSE, LOSS_TOTAL, LOSS_KL, LOSS_CLIP_SHARE, POLICY_ENTROPY, POLICY_GRAD_NORM, POLICY_LR,
            LOGPROB_GAP_MAX, LOGPROB_GAP_MEAN, CAPTION_TOKENS_MEAN, CAPTION_FINISHED_SHARE, GROUP_DROPPED, COUNT_PREFILL_TOKENS,
            COUNT_IMAGE_ENCODES, COUNT_DECODE_STEPS, COUNT_UNMATCHED_QUESTIONS);

    private static final Map<String, MetricKey> BY_NAME = CONSTANTS.stream()
            .collect(Collectors.toMap(MetricKey::name, Function.identity()));
    private static final Pattern OF_FAMILY = Pattern.compile("(reward|time|speed|memory)/[a-z0-9_]+");

    private final String name;

    private MetricKey(String name) {
        this.name = name;
    }

    /** Mean value of a part of the reward. @throws IllegalArgumentException as {@link #time} */
    public static MetricKey reward(String part) {
        return family("reward", part);
    }

    /**
     * Seconds that the step waited for a stage: {@code data}, {@code rollout}, {@code reward}, {@code update}, {@code publish},
     * {@code samples}, {@code eval}; and {@code recover}, from the loss of a part of the run to its being back.
     *
     * @throws IllegalArgumentException if the stage is not made of a-z, 0-9 and _
     */
    public static MetricKey time(String stage) {
        return family("time", stage);
    }

    /**
     * Something a second, such as {@code new_tokens}; or the captions of the step that an actor of a cluster wrote:
     * {@code captions_actor_0}.
     *
     * @throws IllegalArgumentException as {@link #time}
     */
    public static MetricKey speed(String what) {
        return family("speed", what);
    }

    /** Bytes that an owner holds. @throws IllegalArgumentException as {@link #time} */
    public static MetricKey memory(String owner) {
        return family("memory", owner);
    }

    private static MetricKey family(String family, String member) {
        return named(family + "/" + member).orElseThrow(() -> new IllegalArgumentException(
                "'" + member + "' can't name a metric under " + family + "/; use a-z, 0-9 and _"));
    }

    /** The key of this text, if there can be such a key. */
    public static Optional<MetricKey> named(String name) {
        MetricKey constant = BY_NAME.get(name);
        if (constant != null) {
            return Optional.of(constant);
        }
        return OF_FAMILY.matcher(name).matches() ? Optional.of(new MetricKey(name)) : Optional.empty();
    }

    /** The key as files have it. */
    public String name() {
        return name;
    }

    /** Whether equal runs give equal values: all but {@code time/}, {@code speed/} and {@code memory/}. */
    public boolean repeats() {
        return BY_NAME.containsKey(name) || name.startsWith("reward/");
    }

    /** Whether values are whole numbers. */
    boolean counts() {
        return name.startsWith("count/") || name.startsWith("memory/") || this == GROUP_DROPPED;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MetricKey key && key.name.equals(name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }
}
