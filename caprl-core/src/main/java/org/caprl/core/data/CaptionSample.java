package org.caprl.core.data;

import java.util.List;
import java.util.Optional;

/**
 * One sample: images, how to ask for a caption, and how a caption is judged.
 *
 * @param id         unique in its file; random numbers are keyed by it
 * @param images     in the order of their {@value PromptTurn#IMAGE} marks; at least one
 * @param prompt     turns, the last of the user
 * @param dataSource name of the data set it comes from; empty if not given
 * @param questions  what the caption should let a reader answer; empty where the sample is not for a reward
 * @param caption    reference caption, where there is one
 * @param facts      ground truth, where it is known (synthetic data); else empty
 */
public record CaptionSample(String id, List<SampleImage> images, List<PromptTurn> prompt, String dataSource, List<QaItem> questions,
                            Optional<String> caption, List<Fact> facts) {
    /** What is asked where a row brings no prompt: the default of CapRL. */
    public static final String DEFAULT_PROMPT = "Please describe this image in detail.";

    /** @throws IllegalArgumentException if prompt and images don't fit each other */
    public CaptionSample {
        images = List.copyOf(images);
        prompt = List.copyOf(prompt);
        questions = List.copyOf(questions);
        facts = List.copyOf(facts);
        if (images.isEmpty()) {
            throw new IllegalArgumentException("no image; a caption needs at least one");
        }
        int marks = prompt.stream().mapToInt(PromptTurn::images).sum();
        if (marks != images.size()) {
            throw new IllegalArgumentException("the prompt has " + marks + " " + PromptTurn.IMAGE + " marks for " + images.size()
                    + (images.size() == 1 ? " image" : " images") + "; write one mark for each");
        }
        if (prompt.isEmpty() || !prompt.getLast().role().equals("user")) {
            throw new IllegalArgumentException("the last turn of 'prompt' is not the user's; end it with the request for a caption");
        }
    }

    /** One user turn: a mark for each image, then {@link #DEFAULT_PROMPT}. */
    public static List<PromptTurn> defaultPrompt(int images) {
        return List.of(new PromptTurn("user", (PromptTurn.IMAGE + " ").repeat(images) + DEFAULT_PROMPT));
    }
}
