package org.caprl.reward.server;

/**
 * Who answers, as the service says of itself.
 *
 * @param answerer folder or URLs
 * @param template name of the user turn
 * @param temperature of the answers
 * @param maxTokens of an answer
 */
public record AnswererInfo(String answerer, String template, double temperature, int maxTokens) {
}
