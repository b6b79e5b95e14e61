#!/usr/bin/env python3
"""Does with transformers, PyTorch or TRL what one case of `caprl bench --json` did, and prints what it took as JSON.

    python scripts/peers/measure.py --threads 2 < case.json

The case comes from standard input: an element of `cases`. Lengths, number of sequences, image sizes and the model's folder are its own;
token ids and pixels are random, as there. What the peers do, by `work`:

  GENERATE     transformers' generate, one row for each continuation, sampling at temperature 1, prefill included
  SFT_STEP     PyTorch eager (sdpa): forward, backward, AdamW. It does not clip gradients, which ours does
  POLICY_STEP  PyTorch eager: the same over one row a caption, log-probs of the captions' tokens only (logits_to_keep), ratio loss
  GRPO_STEP    a step of TRL's GRPOTrainer, rewards of no cost
  ANSWER       transformers: chat template, tokenizer, one left-padded batch, one sampled token
  REWARD       transformers: the same in left-padded batches of the size that is fastest here, answers to their end or the last token
"""
import argparse
import json
import os
import sys
import tempfile
import time
import warnings

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ.setdefault("HF_HUB_OFFLINE", "1")
warnings.filterwarnings("ignore")

import numpy as np
import torch
import transformers
from PIL import Image
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText, AutoProcessor, AutoTokenizer, GenerationConfig


def noise(definition, index):
    """An image of random pixels."""
    shape = (definition["image_height"], definition["image_width"], 3)
    return Image.fromarray(np.random.default_rng(index).integers(0, 255, shape, dtype=np.uint8))


def load(case, dtype):
    """The case's model: from its folder, or with random weights where it is in none."""
    if case["inputs"]["config"]:
        settings = dict(case["inputs"]["config"])
        config = AutoConfig.for_model(settings.pop("model_type"), **settings)
        return AutoModelForCausalLM.from_config(config, dtype=dtype, attn_implementation="sdpa")
    sees = case["definition"]["image_width"] > 0
    loader = AutoModelForImageTextToText if sees else AutoModelForCausalLM
    return loader.from_pretrained(case["model"], dtype=dtype, attn_implementation="sdpa")


def rows(case, model, repeated):
    """Keyword arguments of the model for prompts of the case's length: one row a prompt, or one for each of its continuations."""
    definition, lengths = case["definition"], case["lengths"]
    length = int(lengths["prompt_tokens"])
    count = definition["prompts"]
    ids = torch.randint(0, case["id_limit"], (count, length), generator=torch.Generator().manual_seed(1))
    images = {}
    if definition["image_width"] > 0:
        processor = AutoProcessor.from_pretrained(case["model"]).image_processor
        seen = [noise(definition, i) for i in range(count)]
        pixels = processor(seen, return_tensors="pt")
        places = int(pixels["image_grid_thw"][0].prod()) // 4
        if places != lengths["image_tokens"]:
            sys.exit(f"an image has {places} tokens here and {lengths['image_tokens']} there")
        ids[:, 0] = model.config.vision_start_token_id
        ids[:, 1:1 + places] = model.config.image_token_id
        ids[:, 1 + places] = model.config.vision_end_token_id
        images = {"pixel_values": pixels["pixel_values"].to(model.dtype), "image_grid_thw": pixels["image_grid_thw"]}
    if repeated > 1:
        ids = ids.repeat_interleave(repeated, 0)
        if images:
            per_image = images["pixel_values"].view(count, -1, images["pixel_values"].shape[-1])
            images["pixel_values"] = per_image.repeat_interleave(repeated, 0).flatten(0, 1)
            images["image_grid_thw"] = images["image_grid_thw"].repeat_interleave(repeated, 0)
    return ids, images


def with_types(model, ids, images):
    return {**images, "mm_token_type_ids": (ids == model.config.image_token_id).long()} if images else {}


def generating(case, dtype):
    definition = case["definition"]
    model = load(case, dtype).eval()
    ids, images = rows(case, model, definition["captions"])
    vocab = model.config.get_text_config().vocab_size
    new = definition["new_tokens"]
    config = GenerationConfig(do_sample=True, temperature=1.0, top_k=0, top_p=1.0, max_new_tokens=new, min_new_tokens=new,
                              eos_token_id=vocab - 1, pad_token_id=vocab - 1, use_cache=True)
    model.generation_config = config
    extra = with_types(model, ids, images)

    def run():
        with torch.inference_mode():
            out = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), generation_config=config, **extra)
        assert out.shape == (ids.shape[0], ids.shape[1] + new)

    return run


def supervised(case, dtype):
    model = load(case, dtype).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6)
    definition = case["definition"]
    prompt, images = rows(case, model, 1)
    rest = torch.randint(0, case["id_limit"], (prompt.shape[0], definition["new_tokens"]))
    ids = torch.cat([prompt, rest], 1)
    labels = ids.clone()
    labels[:, :prompt.shape[1]] = -100
    extra = with_types(model, ids, images)

    def run():
        optimizer.zero_grad(set_to_none=True)
        model(input_ids=ids, attention_mask=torch.ones_like(ids), labels=labels, use_cache=False, **extra).loss.backward()
        optimizer.step()

    return run


def policy(case, dtype):
    model = load(case, dtype).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6)
    definition = case["definition"]
    prompt, images = rows(case, model, definition["captions"])
    new = definition["new_tokens"]
    captions = torch.randint(0, case["id_limit"], (prompt.shape[0], new))
    ids = torch.cat([prompt, captions], 1)
    advantages = torch.ones(ids.shape[0], 1)
    advantages[1::2] = -1
    extra = with_types(model, ids, images)

    def run():
        optimizer.zero_grad(set_to_none=True)
        logits = model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False, logits_to_keep=new + 1, **extra).logits[:, :-1]
        chosen = logits.gather(-1, captions.unsqueeze(-1)).squeeze(-1)
        logprobs = chosen - logits.logsumexp(-1)
        ratio = torch.exp(logprobs - logprobs.detach())
        loss = -torch.min(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    return run


def answering(case, dtype):
    model = load(case, dtype).eval()
    tokenizer = AutoTokenizer.from_pretrained(case["model"], padding_side="left")
    tokenizer.pad_token = tokenizer.pad_token or "<|endoftext|>"
    config = GenerationConfig(do_sample=True, temperature=0.6, top_k=0, top_p=1.0, max_new_tokens=1, pad_token_id=tokenizer.pad_token_id)
    model.generation_config = config

    def run():
        texts = [tokenizer.apply_chat_template([{"role": "user", "content": turn}], tokenize=False, add_generation_prompt=True)
                 + "The answer is" for turn in case["inputs"]["texts"]]
        batch = tokenizer(texts, return_tensors="pt", padding=True)
        with torch.inference_mode():
            out = model.generate(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], generation_config=config)
        assert out.shape[1] == batch["input_ids"].shape[1] + 1

    return run


def rewarding(case, dtype):
    """Answers to all questions, each prompt with its caption; batches of the fastest size of those tried, rows of like length together."""
    model = load(case, dtype).eval()
    tokenizer = AutoTokenizer.from_pretrained(case["model"], padding_side="left")
    tokenizer.pad_token = tokenizer.pad_token or "<|endoftext|>"
    config = GenerationConfig(do_sample=True, temperature=0.6, top_k=0, top_p=1.0, max_new_tokens=case["definition"]["new_tokens"],
                              eos_token_id=model.generation_config.eos_token_id, pad_token_id=tokenizer.pad_token_id)
    model.generation_config = config
    turns = case["inputs"]["texts"]

    def run(size):
        texts = [tokenizer.apply_chat_template([{"role": "user", "content": turn}], tokenize=False, add_generation_prompt=True)
                 + "The answer is" for turn in turns]
        rows = sorted(tokenizer(texts)["input_ids"], key=len)
        answers = []
        for at in range(0, len(rows), size):
            batch = tokenizer.pad({"input_ids": rows[at:at + size]}, return_tensors="pt")
            with torch.inference_mode():
                out = model.generate(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], generation_config=config)
            answers += tokenizer.batch_decode(out[:, batch["input_ids"].shape[1]:], skip_special_tokens=True)
        assert len(answers) == len(turns)

    took = {size: min(timed(lambda: run(size), 0, 2)) for size in (32, 64, 128, 256, len(turns))}
    fastest = min(took, key=took.get)
    print(f"batches of {fastest} are the fastest of {took}", file=sys.stderr)
    return lambda: run(fastest)


def timed(run, seconds, least):
    """Two runs to warm up, then at least `least` of them and so many seconds."""
    run()
    run()
    took = []
    while len(took) < least or sum(took) < seconds:
        before = time.perf_counter()
        run()
        took.append(time.perf_counter() - before)
    return took


def trl_steps(case, steps):
    """Seconds of each step of TRL's trainer but the first."""
    import trl
    from datasets import Dataset
    from trl import GRPOConfig, GRPOTrainer

    definition = case["definition"]
    model = load(case, torch.float32)
    prompts, captions, new = definition["prompts"], definition["captions"], definition["new_tokens"]
    count = prompts * (steps + 1)
    data = Dataset.from_list([{"prompt": [{"role": "user", "content": "Please describe this image in detail."}],
                               "image": noise(definition, i)} for i in range(count)])
    processor = AutoProcessor.from_pretrained(case["model"])
    processor.tokenizer.padding_side = "left"
    begins, ends = [], []

    class Clock(transformers.TrainerCallback):
        def on_step_begin(self, *_, **__):
            begins.append(time.perf_counter())

        def on_step_end(self, *_, **__):
            ends.append(time.perf_counter())

    def reward(completions, **_):
        return [float(i % 2) for i in range(len(completions))]

    with tempfile.TemporaryDirectory() as folder:
        trainer = GRPOTrainer(model=model, reward_funcs=reward, train_dataset=data, processing_class=processor, callbacks=[Clock()],
                              args=GRPOConfig(output_dir=folder, report_to="none", use_cpu=True, bf16=False, gradient_checkpointing=False,
                                              per_device_train_batch_size=prompts * captions, num_generations=captions,
                                              max_completion_length=new, generation_kwargs={"min_new_tokens": new}, save_strategy="no",
                                              logging_strategy="no", disable_tqdm=True, learning_rate=1e-6,
                                              lr_scheduler_type="constant", max_steps=steps, beta=0.0, dataloader_pin_memory=False))
        trainer.train()
    return [end - begin for begin, end in zip(begins, ends)][1:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    case = json.load(sys.stdin)
    torch.set_num_threads(asked.threads)
    torch.manual_seed(0)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    dtype = getattr(torch, asked.dtype)
    work = case["definition"]["work"]
    if work == "GRPO_STEP":
        seconds = trl_steps(case, asked.repeats + 1)
    else:
        make = {"GENERATE": generating, "SFT_STEP": supervised, "POLICY_STEP": policy, "ANSWER": answering, "REWARD": rewarding}[work]
        seconds = timed(make(case, dtype), asked.seconds, asked.repeats)
    print(json.dumps({"case": case["definition"]["name"], "seconds": seconds, "torch": torch.__version__,
                      "transformers": transformers.__version__}))


if __name__ == "__main__":
    main()
