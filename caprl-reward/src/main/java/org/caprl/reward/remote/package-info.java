/**
 * Answerers behind an OpenAI-compatible HTTP endpoint (vLLM, SGLang, llama.cpp …): requests, retries, and the choice among several URLs.
 * For launches that read {@code answerer.remote}.
 */
package org.caprl.reward.remote;
