package org.caprl.trainer.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.caprl.core.InputException;
import org.caprl.core.config.ConfigDocs;
import org.caprl.core.config.ConfigReader;
import org.caprl.core.config.ConfigWriter;
import org.caprl.reward.qa.Unmatched;
import org.caprl.trainer.advantage.AdvantagePreset;
import org.caprl.trainer.loss.Clip;
import org.caprl.trainer.loss.GrpoLoss;
import org.caprl.trainer.loss.KlPenalty;
import org.caprl.trainer.loss.LossAverage;
import org.caprl.trainer.loss.RatioLevel;
import org.caprl.trainer.update.LearningRateSchedule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunConfigTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {
        "run.output", "run.name", "seed", "threads", "backend", "data.train", "data.eval", "data.holdout", "data.synth.train",
                "data.synth.eval",
        "data.synth.seed", "policy.path", "policy.dtype", "answerer.path", "rollout.captions_per_prompt", "rollout.max_new_tokens",
        "rollout.temperature", "rollout.top_p", "rollout.repetition_penalty", "trainer.steps", "trainer.prompts_per_step",
        "trainer.updates_per_step", "trainer.micro_batch_tokens", "trainer.lr", "trainer.loss.average", "trainer.loss.clip_low",
        "trainer.loss.clip_high", "trainer.loss.kl_weight", "trainer.advantage.scale", "trainer.advantage.std",
        "trainer.advantage.epsilon", "reward.questions_per_caption", "ray.address"})
    void aKeyThatScriptsUseKeepsItsPath(String path) {
        assertTrue(ConfigDocs.keys(RunConfig.class).stream().anyMatch(row -> row.path().equals(path)), path);
    }

    @Test
    void defaultsOfLossAndAdvantagesAreTrls() throws IOException {
        TrainerSection trainer = Configs.run(folder).trainer();
        assertEquals(new GrpoLoss(RatioLevel.TOKEN, new Clip(0.2, 0.2), KlPenalty.NONE, 0, LossAverage.DAPO), trainer.loss().function());
        assertEquals(AdvantagePreset.TRL.settings(), trainer.advantage().function());
        assertEquals(1.0, trainer.maxGradNorm());
    }

    @Test
    void defaultsOfTheRewardAreThePapers() throws IOException {
        RewardSection reward = Configs.run(folder).reward();
        assertEquals(new RewardSection(8, Unmatched.KEEP, MarkingKind.ANSWER, 0, 0.6, 10, 1.0, new LengthSection(0.0, 2048, 3072),
                new FormatSection(0), Optional.empty(), List.of(), Optional.empty(), 0.5), reward);
    }

    @Test
    void theCommandLineReplacesTheFile() throws IOException {
        RunConfig config = Configs.run(folder, "trainer.lr=0", "trainer.loss.average=dr_grpo", "data.synth={train: 5, eval: 2}", "seed=3");
        assertEquals(0.0, config.trainer().lr());
        assertEquals(LossAverage.DR_GRPO, config.trainer().loss().average());
        assertEquals(new SynthSection(5, 2, 0), config.data().synth().orElseThrow());
        assertEquals(3, config.seed());
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        RunConfig config = Configs.run(folder, "rollout.stop=['\\n\\n', END]", "trainer.schedule.kind=cosine");
        assertEquals(config, ConfigReader.parse(RunConfig.class, ConfigWriter.yaml(config), "resolved", List.of()));
    }

    @Test
    void aWordStandsForAllQuestions() throws IOException {
        RunConfig config = Configs.run(folder, "reward.questions_per_caption=all");
        assertEquals(0, config.reward().questionsPerCaption());
        assertTrue(ConfigWriter.yaml(config).contains("  questions_per_caption: all\n"));
        assertEquals(3, Configs.run(folder, "reward.questions_per_caption=3").reward().paper().questions());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "trainer.updates_per_step=11 | updates_per_step 11 is more than prompts_per_step 10",
        "reward.length={l1: 5, l2: 5} | l1 must be less than l2, got l1 5 and l2 5",
        "run.name=a/b | name 'a/b' can't be a folder's name",
        "data.holdout=0.1 | expected exactly one of eval and holdout, got both",
        "data.eval=null | expected exactly one of eval and holdout, got neither",
        "data={train: t.jsonl, holdout: 0.1, synth: {train: 5, eval: 2}} | synth makes a file for eval too",
        "data.holdout=1 | found '1', expected a number at least 0 and below 1",
        "ray.address=cluster | address 'cluster' is none of `none`, `auto` and `host:port`",
        "trainer.loss.avarage=grpo | did you mean average?",
        "rollout.temperature=0 | found '0', expected a number above 0",
        "policy.path=nowhere | found 'nowhere', expected the path of an existing file or folder",
        "reward.questions_per_caption=0 | found '0', expected a whole number at least 1, or all",
        "reward.questions_per_caption=every | found 'every', expected a whole number at least 1, or all",
        "reward.custom=[{class: org.example.None}] | reward.custom[0]: no class org.example.None on the class path; name its jar",
        "reward.custom=[{class: java.lang.String}] | class java.lang.String is no public class that implements org.caprl.reward.Reward",
        "reward.custom=[{weight: 1}] | reward.custom[0].class: missing",
        "reward.judge={weight: 1} | reward.judge.path",
        "rollout.captions_per_prompt=1 | expected a whole number at least 2"})
    void aMistakeIsNamed(String override, String expected) {
        String message = assertThrows(InputException.class, () -> Configs.run(folder, override)).getMessage();
        assertTrue(message.contains(expected), message);
    }

    @Test
    void theScheduleCountsUpdatesAndItsWarmUpIsInSteps() throws IOException {
        RunConfig config = Configs.run(folder, "trainer.lr=2e-5", "trainer.updates_per_step=3",
                "trainer.schedule={kind: linear, warmup_steps: 2}");
        assertEquals(new LearningRateSchedule(2e-5, 6, 75, LearningRateSchedule.Shape.LINEAR), config.trainer().learningRates());
    }

    @Test
    void noTwoKeysOfOneSectionSayTheSame() {
        for (Class<? extends Record> type : List.of(RunConfig.class, SftConfig.class)) {
            Map<String, String> pathOfMeaning = new TreeMap<>();
            for (ConfigDocs.Row row : ConfigDocs.keys(type)) {
                String section = row.path().substring(0, Math.max(0, row.path().lastIndexOf('.')));
                String earlier = pathOfMeaning.putIfAbsent(section + ": " + row.doc(), row.path());
                assertEquals(null, earlier, row.path() + " has the meaning of " + earlier);
            }
        }
    }
}
