package org.caprl.reward;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The weighted sum of rewards. A reward of weight 0 is measured and reported, but neither its value nor its failure reaches the total.
 *
 * @param parts at least one, with different names
 */
public record WeightedRewards(List<Part> parts) {
    /**
     * A reward and its weight.
     *
     * @param reward the component
     * @param weight finite; may be negative
     */
    public record Part(Reward reward, double weight) {
        /** @throws IllegalArgumentException if the weight is not finite */
        public Part {
            if (!Double.isFinite(weight)) {
                throw new IllegalArgumentException("the weight of reward '" + reward.name() + "' must be finite, got " + weight);
            }
        }
    }

    /** @throws IllegalArgumentException if there is no part, or two have the same name */
    public WeightedRewards {
        parts = List.copyOf(parts);
        Set<String> names = new HashSet<>();
        for (Part part : parts) {
            if (!names.add(part.reward().name())) {
                throw new IllegalArgumentException("two rewards are named '" + part.reward().name() + "'");
            }
        }
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("no reward; at least one is needed");
        }
    }

    /** Scores every caption of every group, in the order given. */
    public List<ScoredGroup> score(List<GroupToScore> groups) {
        List<List<List<Score>>> byPart = new ArrayList<>();
        for (Part part : parts) {
            List<List<Score>> scores = part.reward().score(groups);
            requireShape(part.reward(), scores, groups);
            byPart.add(scores);
        }
        List<ScoredGroup> scored = new ArrayList<>();
        for (int g = 0; g < groups.size(); g++) {
            List<ScoredCaption> captions = new ArrayList<>();
            for (int i = 0; i < groups.get(g).captions().size(); i++) {
                Map<String, Score> components = new LinkedHashMap<>();
                for (int p = 0; p < parts.size(); p++) {
                    components.put(parts.get(p).reward().name(), byPart.get(p).get(g).get(i));
                }
                captions.add(total(groups.get(g).captions().get(i), components));
            }
            scored.add(new ScoredGroup(groups.get(g).sample(), captions));
        }
        return scored;
    }

    private ScoredCaption total(GroupToScore.CaptionText caption, Map<String, Score> components) {
        double total = 0;
        for (Part part : parts) {
            if (part.weight() != 0) {
                Score score = components.get(part.reward().name());
                if (score.unscored().isPresent()) {
                    return new ScoredCaption(caption, components, Double.NaN,
                            Optional.of(part.reward().name() + ": " + score.unscored().get()));
                }
                total += part.weight() * score.value();
            }
        }
        return new ScoredCaption(caption, components, total, Optional.empty());
    }

    private static void requireShape(Reward reward, List<List<Score>> scores, List<GroupToScore> groups) {
        boolean fits = scores.size() == groups.size();
        for (int g = 0; fits && g < groups.size(); g++) {
            fits = scores.get(g).size() == groups.get(g).captions().size();
        }
        if (!fits) {
            throw new IllegalStateException("reward '" + reward.name() + "' did not return one score for each caption");
        }
    }
}
