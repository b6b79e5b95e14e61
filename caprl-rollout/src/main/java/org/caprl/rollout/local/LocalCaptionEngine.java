package org.caprl.rollout.local;

import java.util.List;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.generate.BatchGenerator;
import org.caprl.core.generate.GenerationCounts;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.GenerationRequest;
import org.caprl.core.generate.GenerationResult;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.TokenText;
import org.caprl.core.model.CausalLm;
import org.caprl.core.tensor.TensorOps;
import org.caprl.rollout.CaptionEngine;
import org.caprl.rollout.CaptionRequest;

/** Captions by a {@link BatchGenerator}, over the policy's own weights or over a copy of them that holds another type. */
public final class LocalCaptionEngine implements CaptionEngine {
    private final BatchGenerator generator;
    private final Runnable copying;
    private final Runnable owned;
    private long version;

    /**
     * An engine over a policy; installing a version copies nothing.
     *
     * @param tokens for stop strings
     */
    public LocalCaptionEngine(CausalLm policy, TensorOps ops, TokenText tokens, GeneratorLimits limits) {
        this.generator = new BatchGenerator(policy, ops, tokens, limits);
        this.copying = () -> { };
        this.owned = () -> { };
    }

    /**
     * An engine over a copy of a policy. The policy's weights are copied now and when a version is installed.
     *
     * @param copy a model of the same shapes, whatever its weights are; it is closed with the engine
     * @param tokens for stop strings
     */
    public LocalCaptionEngine(CausalLm policy, CausalLm copy, TensorOps ops, TokenText tokens, GeneratorLimits limits) {
        this.generator = new BatchGenerator(copy, ops, tokens, limits);
        this.copying = () -> copy.params().copyFrom(policy.params(), ops);
        this.owned = copy::close;
        copying.run();
    }

    @Override
    public List<RolloutGroup> caption(List<CaptionRequest> requests, SamplingParams params, GenerationListener listener) {
        List<GenerationRequest> wanted = requests.stream().map(r -> GenerationRequest.captions(r.prompt(), params, r.keys())).toList();
        List<GenerationResult> results = generator.generate(wanted, version, listener);
        return results.stream().map(r -> new RolloutGroup(r.request().prompt(), r.captions(), version)).toList();
    }

    @Override
    public void install(long newVersion) {
        if (newVersion < version) {
            throw new IllegalArgumentException("weights of version " + newVersion + " are older than those in use, " + version);
        }
        copying.run();
        version = newVersion;
    }

    @Override
    public long weightVersion() {
        return version;
    }

    @Override
    public GenerationCounts counts() {
        return generator.counts();
    }

    @Override
    public void close() {
        generator.close();
        owned.run();
    }
}
