package org.caprl.trainer.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.caprl.core.InputException;
import org.caprl.core.config.ConfigReader;
import org.caprl.core.config.ConfigWriter;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.remote.RemoteAnswerer;
import org.caprl.reward.remote.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoteSectionTest {
    private static final String REMOTE = "answerer={remote: {urls: ['http://a:8000/v1', 'http://b:8000'], model: Qwen/Qwen2.5-3B}}";

    @TempDir
    Path folder;

    @Test
    void urlAndModelAreEnough() throws IOException {
        RemoteSection remote = Configs.run(folder, REMOTE).answerer().remote().orElseThrow();
        assertEquals(RemoteSection.Api.CHAT, remote.api());
        assertEquals(Seeds.INT64, remote.seed());
        assertEquals(List.of("http://a:8000/v1", "http://b:8000"), remote.urls());
    }

    @Test
    void answerersInThisJvmAndElsewhereMayBeTogether() throws IOException {
        AnswererSection answerer = Configs.run(folder, "answerer.others=[{remote: {urls: ['http://a'], model: m}}, "
                + "{path: " + folder.resolve("policy") + ", template: short}]").answerer();
        assertEquals(List.of(true, false, true), answerer.all().stream().map(one -> one.path().isPresent()).toList());
        assertEquals("short", answerer.all().getLast().template());
    }

    @Test
    void whatIsWrittenIsReadBackAndHoldsNoKey() throws IOException {
        RunConfig config = Configs.run(folder, REMOTE, "answerer.remote.api_key_env=HOME",
                "answerer.others=[{remote: {urls: ['http://c'], model: m, extra_body: '{\"top_k\": 20}'}}]");
        String yaml = ConfigWriter.yaml(config);
        assertEquals(config, ConfigReader.parse(RunConfig.class, yaml, "resolved", List.of()));
        assertTrue(yaml.contains("api_key_env: HOME"), yaml);
        assertFalse(yaml.contains(": " + System.getenv("HOME") + "\n"), yaml);
    }

    @Test
    void theKeyMustBeInTheEnvironment() throws IOException {
        RunConfig config = Configs.run(folder, REMOTE, "answerer.remote.api_key_env=ANSWERER_KEY");
        RemoteSection remote = config.answerer().remote().orElseThrow();
        AnswererPrompt prompt = AnswererPrompt.named("short");
        String message = assertThrows(InputException.class, () -> remote.open(prompt, config.reward(), Map.of())).getMessage();
        assertTrue(message.contains("ANSWERER_KEY") && message.contains("not set"), message);
        String broken = assertThrows(InputException.class,
                () -> remote.open(prompt, config.reward(), Map.of("ANSWERER_KEY", "sk secret"))).getMessage();
        assertFalse(broken.contains("secret"), broken);
        try (RemoteAnswerer opened = remote.open(prompt, config.reward(), Map.of("ANSWERER_KEY", "sk-1\n"))) {
            assertFalse(opened.toString().contains("sk-1"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "answerer.path=null | expected one of answerer.path (a model in this JVM), answerer.remote (one that is served elsewhere) "
                + "and reward.server",
        "answerer.remote={urls: ['http://a'], model: m} | got both",
        "answerer={remote: {model: m}} | answerer.remote.urls: missing",
        "answerer={remote: {urls: [], model: m}} | urls is empty",
        "answerer={remote: {urls: ['ftp://a', 'a:80'], model: m}} | got 'ftp://a'; urls: expected",
        "answerer={remote: {urls: ['http://me:secret@a'], model: m}} | got one with a user, for the host a",
        "answerer={remote: {urls: ['http://me:secret^@a'], model: m}} | got one with a user, for the host a",
        "answerer={remote: {urls: ['http://a b'], model: ''}} | got 'http://a b'; model is empty",
        "answerer={remote: {urls: ['http://a'], model: m, api: chat, tokenizer: .}} | tokenizer is for api: completions",
        "answerer={remote: {urls: ['http://a'], model: m, extra_body: 'top_k=20'}} | extra_body is no JSON object",
        "answerer={remote: {urls: ['http://a'], model: m, ap: chat}} | did you mean api?",
        "answerer={remote: {urls: ['http://a'], model: m, timeout_seconds: 0}} | expected a number above 0",
        "answerer.others=[{template: short}] | answerer.others[0]: expected exactly one of path"})
    void aMistakeIsNamed(String override, String expected) {
        String message = assertThrows(InputException.class, () -> Configs.run(folder, override)).getMessage();
        assertTrue(message.contains(expected), message);
        // The command line is named as the user typed it.
        assertFalse(message.replace(override, "").contains("secret"), message);
    }
}
