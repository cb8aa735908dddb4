#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Times one update of a robot's policy in eager PyTorch on the CPU: what PolicyStepTimer is held to.

The update: 256 states, 8 particles a state, actor 4 x 512 GELU on [s, z], two critics 4 x 512 with
GELU and layer normalisation on [s, a]. Critics: Bellman target of the policy's own next actions,
mean squared error, Adam, target networks at a rate of .005. Policy: gradient of the mean critic in
each particle, Stein velocity within a state (1 reference), fixed-point regression, Adam. It is
written in several ways, and each is timed:

usual    as one writes it: losses summed and backward() called once for each part, so that the
         critics also get gradients in their parameters which nobody uses, new target tensors
lean     what need not be computed is not: no graph for the target, gradients of the critics in the
         action alone, one forward pass of the actor for particles and regression, the regression's
         cotangent -2/(n d) velocity handed to backward(), target networks in place in one call
batched  as lean, with the two critics as one: products of a leading axis of 2

Denormals are flushed to zero. Times are CPU time of the process, the median over blocks of five
updates. --check compares the gradients of the ways.

    apt-get install python3-torch libopenblas0-pthread
    infra/bench/pytorch/policy_step.py
    infra/bench/policy_step.sh                  # ours and this in turn, with each BLAS kernel

Tested with torch 1.13.1 of Debian 12.
"""
import argparse
import os
import statistics
import time

# Before torch loads its BLAS.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

STATES, PARTICLES, OBSERVATION, ACTION, WIDTH, DEPTH = 256, 8, 29, 8, 512, 4
DISCOUNT, TARGET_RATE, RATE, SIGMA, BETA = 0.99, 0.005, 3e-4, 0.5, 1.0


def network(inputs, outputs, norm):
    layers = []
    for _ in range(DEPTH):
        layers += [nn.Linear(inputs, WIDTH), nn.GELU()]
        if norm:
            layers.append(nn.LayerNorm(WIDTH, eps=1e-6))
        inputs = WIDTH
    return nn.Sequential(*layers, nn.Linear(WIDTH, outputs))


class Twin(nn.Module):
    """Two critics, one after the other."""

    def __init__(self):
        super().__init__()
        self.critics = nn.ModuleList(network(OBSERVATION + ACTION, 1, True) for _ in range(2))

    def forward(self, states, actions):
        x = torch.cat([states, actions], 1)
        return torch.cat([critic(x) for critic in self.critics], 1).t()


class Batched(nn.Module):
    """Two critics as one, from the parameters of a Twin."""

    def __init__(self, twin):
        super().__init__()
        pairs = list(zip(*(critic for critic in twin.critics)))
        stack = lambda a, b: nn.Parameter(torch.stack([a.detach(), b.detach()]))  # noqa: E731
        linear = [p for p in pairs if isinstance(p[0], nn.Linear)]
        norms = [p for p in pairs if isinstance(p[0], nn.LayerNorm)]
        self.weights = nn.ParameterList(
            nn.Parameter(stack(a.weight, b.weight).detach().transpose(1, 2).contiguous())
            for a, b in linear)
        self.biases = nn.ParameterList(
            nn.Parameter(stack(a.bias, b.bias).detach()[:, None]) for a, b in linear)
        self.gains = nn.ParameterList(
            nn.Parameter(stack(a.weight, b.weight).detach()[:, None]) for a, b in norms)
        self.shifts = nn.ParameterList(
            nn.Parameter(stack(a.bias, b.bias).detach()[:, None]) for a, b in norms)

    def forward(self, states, actions):
        x = torch.cat([states, actions], 1).expand(2, -1, -1)
        for i in range(DEPTH):
            x = F.gelu(torch.baddbmm(self.biases[i], x, self.weights[i]))
            x = torch.addcmul(self.shifts[i], F.layer_norm(x, (WIDTH,), eps=1e-6), self.gains[i])
        return torch.baddbmm(self.biases[DEPTH], x, self.weights[DEPTH])[:, :, 0]


def velocity(x, y, gradients):
    """Stein velocity within states: x (S, n, d), y (S, d). One reference: the prior's score is linear."""
    scores = 2 / SIGMA * (y[:, None] - x) + BETA * gradients
    norms = x.square().sum(2, keepdim=True)
    kernel = torch.exp(-(norms + norms.transpose(1, 2) - 2 * x @ x.transpose(1, 2)) / SIGMA)
    repulsion = 2 / SIGMA * (kernel.sum(2, keepdim=True) * x - kernel @ x)
    return (kernel @ scores + repulsion) / PARTICLES


class Update:
    """Weights and data of one way, and the two parts of an update."""

    def __init__(self, way):
        torch.manual_seed(1)
        self.way = way
        self.actor = network(OBSERVATION + ACTION, ACTION, False)
        self.critic, self.target = Twin(), Twin()
        if way == "batched":
            self.critic = Batched(self.critic)
            self.target = Batched(self.target)
        self.target.load_state_dict(self.critic.state_dict())
        self.target.requires_grad_(False)
        self.of_actor = torch.optim.Adam(self.actor.parameters(), RATE)
        self.of_critic = torch.optim.Adam(self.critic.parameters(), RATE)
        self.pool = [
            torch.randn(20_000, OBSERVATION), torch.tanh(torch.randn(20_000, ACTION)),
            torch.randn(20_000), torch.randn(20_000, OBSERVATION), torch.ones(20_000)]

    def critics(self):
        rows = torch.randint(20_000, (STATES,))
        self.batch = [part[rows] for part in self.pool]
        states, actions, rewards, following, masks = self.batch
        with torch.no_grad():
            noise = torch.randn(STATES, ACTION)
            after = self.actor(torch.cat([following, noise], 1)).clamp(-1, 1)
            target = rewards + DISCOUNT * masks * self.target(following, after).mean(0)
        self.of_critic.zero_grad(set_to_none=True)
        F.mse_loss(self.critic(states, actions), target.expand(2, -1)).backward()
        self.of_critic.step()
        with torch.no_grad():
            ours, theirs = list(self.target.parameters()), list(self.critic.parameters())
            if self.way == "usual":
                for old, new in zip(ours, theirs):
                    old.copy_((1 - TARGET_RATE) * old + TARGET_RATE * new)
            else:
                torch._foreach_mul_(ours, 1 - TARGET_RATE)
                torch._foreach_add_(ours, theirs, alpha=TARGET_RATE)

    def policy(self):
        states, reference = self.batch[0], self.batch[1]
        repeated = states.repeat_interleave(PARTICLES, 0)
        noise = torch.randn(STATES * PARTICLES, ACTION)
        x = self.actor(torch.cat([repeated, noise], 1))
        particles = x.detach()
        actions = particles.clamp(-1, 1).requires_grad_()
        value = self.critic(repeated, actions).mean(0).sum()
        if self.way == "usual":
            value.backward()
            gradients = actions.grad
        else:
            gradients, = torch.autograd.grad(value, actions)
        outward = (particles.abs() > 1) & (particles * gradients > 0)
        gradients = gradients.masked_fill(outward, 0)
        shape = (STATES, PARTICLES, ACTION)
        phi = velocity(particles.view(shape), reference, gradients.view(shape)).view(-1, ACTION)
        self.of_actor.zero_grad(set_to_none=True)
        if self.way == "usual":
            F.mse_loss(x, particles + phi).backward()
        else:
            x.backward(phi * (-2 / phi.numel()))
        self.of_actor.step()


def timed(way, updates, warm_up=8, block=5):
    update = Update(way)
    parts = {"critics": [], "policy": []}
    for i in range(warm_up + updates):
        for name, times in parts.items():
            before = time.process_time()
            getattr(update, name)()
            times.append((time.process_time() - before) * 1e3)
    blocks = {
        name: [sum(times[i:i + block]) / block for i in range(warm_up, len(times), block)]
        for name, times in parts.items()}
    whole = [a + b for a, b in zip(*blocks.values())]
    kernel = os.environ.get("OPENBLAS_CORETYPE", "its own choice")
    print(f"PyTorch {torch.__version__}, OpenBLAS {kernel}, {way}: "
          f"{statistics.median(whole):.1f} ms CPU an update (least {min(whole):.1f}): "
          + ", ".join(f"{name} {statistics.median(b):.1f}" for name, b in blocks.items()),
          flush=True)


def check():
    """All ways take the same first update."""
    expected = None
    for way in ("usual", "lean", "batched"):
        update = Update(way)
        torch.manual_seed(2)
        update.critics()
        update.policy()
        got = torch.cat([p.detach().flatten() for p in update.actor.parameters()])
        expected = got if expected is None else expected
        # Adam's first step is the sign of the gradient: where that is about 0, it may differ.
        same = ((got - expected).abs() < 1e-5).float().mean().item()
        print(f"{way}: {same:.4%} of the actor's parameters as in the first way")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--updates", type=int, default=40)
    parser.add_argument("--ways", default="usual,lean,batched")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    if arguments.check:
        check()
    else:
        for way in arguments.ways.split(","):
            timed(way, arguments.updates)
