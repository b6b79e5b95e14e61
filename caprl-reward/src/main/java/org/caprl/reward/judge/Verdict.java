package org.caprl.reward.judge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * What a judge said of a caption, each from 0 to 1.
 *
 * @param factuality whether what it states is there
 * @param temporalAlignment whether times and order are right
 * @param coverage whether what matters is stated
 * @param noHallucination 1 if nothing is made up
 */
public record Verdict(double factuality, double temporalAlignment, double coverage, double noHallucination) {
    private static final ObjectReader JSON = JsonMapper.builder().build().readerFor(JsonNode.class);
    private static final int SHOWN = 200;

    /**
     * Reads the first JSON object in a reply; what stands around it, a code fence for instance, and other keys are let be.
     *
     * @throws IllegalArgumentException saying what is missing or out of range
     */
    public static Verdict parse(String reply) {
        JsonNode object = firstObject(reply);
        // The published judge says "hallucination_penalty", where 1 too means that nothing is made up.
        String last = object.has("no_hallucination") ? "no_hallucination" : object.has("hallucination_penalty") ? "hallucination_penalty"
                : "no_hallucination";
        return new Verdict(number(object, "factuality"), number(object, "temporal_alignment"), number(object, "coverage"),
                number(object, last));
    }

    /** The weighted mean. */
    public double value() {
        return 0.30 * factuality + 0.25 * temporalAlignment + 0.25 * coverage + 0.20 * noHallucination;
    }

    private static JsonNode firstObject(String reply) {
        for (int at = reply.indexOf('{'); at >= 0; at = reply.indexOf('{', at + 1)) {
            try {
                JsonNode node = JSON.readValue(reply.substring(at));
                if (node.isObject()) {
                    return node;
                }
            } catch (JsonProcessingException e) {
                continue; // a brace that begins no object
            }
        }
        String shown = reply.length() > SHOWN ? reply.substring(0, SHOWN) + "…" : reply;
        throw new IllegalArgumentException("no JSON object in the reply '" + shown + "'");
    }

    private static double number(JsonNode object, String key) {
        JsonNode value = object.path(key);
        if (!value.isNumber()) {
            throw new IllegalArgumentException((value.isMissingNode() ? "no '" + key + "'" : "'" + key + "' is " + value
                    + ", not a number") + " in the reply " + object);
        }
        if (!(value.doubleValue() >= 0 && value.doubleValue() <= 1)) {
            throw new IllegalArgumentException("'" + key + "' is " + value + ", not from 0 to 1, in the reply " + object);
        }
        return value.doubleValue();
    }
}
