// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { uniform } from './random.js';

const SUBSTEPS = 2; // of 0.01 s: a control step is 0.02 s
const EPISODE_STEPS = 100;
const CONTROL_COST = 0.01;
const NEAREST = 0.08; // m, of a target from the shoulder
const FARTHEST = 0.36; // m; the arm reaches 0.4

const OBSERVATION = 10;
const ACTION = 2;

/** The arm's model, to be loaded once. */
export function loadModel(mujoco) {
  return mujoco.MjModel.from_xml_string(
    readFileSync(new URL('reacher.xml', import.meta.url), 'utf8'));
}

/**
 * Copies of an arm of two links, each with a target for its tip.
 *
 * An observation is cos and sin of both joints (cos, cos, sin, sin), their velocities in rad/s, the
 * target and tip - target in m. An action is the torque at both joints, 1 for 0.2 N m. The reward
 * is -|tip - target| - 0.01 |action|². An episode is cut after 100 steps and never ends otherwise.
 */
export class Reacher {
  #mujoco;
  #model;
  #copies;

  constructor(mujoco, model, copies) {
    this.#mujoco = mujoco;
    this.#model = model;
    this.#copies = Array.from({ length: copies }, () => ({
      data: new mujoco.MjData(model),
      target: [0, 0],
      stepsLeft: 0,
    }));
  }

  get spec() {
    return {
      environment: 'mujoco-reacher',
      observationSize: OBSERVATION,
      actionSize: ACTION,
      copies: this.#copies.length,
    };
  }

  /** Begins an episode, by a seed of 64 bits ({low, high}); gives (10) numbers. */
  reset(index, seed) {
    const copy = this.#copies[index];
    const random = uniform(seed);
    this.#mujoco.mj_resetData(this.#model, copy.data);
    const { qpos, qvel } = copy.data;
    qpos[0] = Math.PI * (2 * random() - 1);
    qpos[1] = 2 * random() - 1;
    qvel[0] = 0.1 * (2 * random() - 1);
    qvel[1] = 0.1 * (2 * random() - 1);
    // Uniform over the ring.
    const radius = Math.sqrt(NEAREST ** 2 + random() * (FARTHEST ** 2 - NEAREST ** 2));
    const angle = 2 * Math.PI * random();
    copy.target = [radius * Math.cos(angle), radius * Math.sin(angle)];
    copy.stepsLeft = EPISODE_STEPS;
    const observation = [];
    this.#observe(copy, observation);
    return observation;
  }

  /** One step of all copies, by (copies, 2) numbers, row-major. */
  step(actions) {
    if (this.#copies.some((copy) => copy.stepsLeft === 0)) {
      throw new RangeError('a copy whose episode is over was not reset');
    }
    const step = { observations: [], rewards: [], terminated: [], truncated: [] };
    this.#copies.forEach((copy, index) => {
      const shoulder = clip(actions[ACTION * index]);
      const elbow = clip(actions[ACTION * index + 1]);
      const { ctrl } = copy.data;
      ctrl[0] = shoulder;
      ctrl[1] = elbow;
      for (let i = 0; i < SUBSTEPS; i++) {
        this.#mujoco.mj_step(this.#model, copy.data);
      }
      const distance = this.#observe(copy, step.observations);
      copy.stepsLeft--;
      step.rewards.push(-distance - CONTROL_COST * (shoulder ** 2 + elbow ** 2));
      step.terminated.push(false);
      step.truncated.push(copy.stepsLeft === 0);
    });
    return step;
  }

  /** Appends the observation; gives the distance from tip to target. */
  #observe(copy, observations) {
    const { data, target } = copy;
    this.#mujoco.mj_kinematics(this.#model, data); // a step leaves the sites where they were
    const { qpos, qvel, site_xpos: tip } = data;
    const dx = tip[0] - target[0];
    const dy = tip[1] - target[1];
    observations.push(
      Math.cos(qpos[0]), Math.cos(qpos[1]), Math.sin(qpos[0]), Math.sin(qpos[1]),
      qvel[0], qvel[1], target[0], target[1], dx, dy);
    return Math.hypot(dx, dy);
  }

  /** Frees what MuJoCo holds for it. */
  close() {
    this.#copies.forEach((copy) => copy.data.delete());
  }
}

function clip(action) {
  return Math.max(-1, Math.min(1, action));
}
