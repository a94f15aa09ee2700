/* crypto/sign_vectors_int.h - signatures on which Ed25519 verifiers disagree, with the network's answer.
 * Made by tools/make_sign_vectors.py from its own implementation of the curve.
 *
 *   B base point, L its order, T8 a point of order 8; h = SHA-512(R || A || message); a, r fixed scalars
 *   the equation is S B == (h mod L) A + R; unless noted otherwise R = rB, A = aB, S = r + h a
 *
 * Messages are "croft 0", "croft 1", ...: the first whose h is as the note needs it.
 *   - S + n L: the same signature in another encoding, which would let a third party change it
 *   - A of small order: S = r fits any message with 8 | h, so the signature says nothing about who signed
 *   - R of small order: A = aB + T8, S = h a, and h chosen such that R = -h T8
 *   - "not canonical": an encoding with y >= p, or with the sign bit set where x is 0
 *   - only times the cofactor: the sides differ by a point of order 8, which a verifier that multiplies both
 *     by 8, as batch verifiers must, does not see
 */
#ifndef CROFT_CRYPTO_SIGN_VECTORS_INT_H
#define CROFT_CRYPTO_SIGN_VECTORS_INT_H

#include "base/err.h"
#include "base/types.h"

struct croft_sign_vector {
    const char *note;
    bool valid;
    const char *public_key; /* hex, as are the two below */
    const char *message;    /* up to CROFT_SIGN_VECTOR_MESSAGE_MAX bytes */
    const char *signature;
};

enum { CROFT_SIGN_VECTOR_MESSAGE_MAX = 32 };

/* CROFT_ERR_SELFTEST when croft_verify answers otherwise than any of them says. */
CROFT_MUST_USE croft_err croft_sign_check_vectors(const struct croft_sign_vector *vector, size_t count);

/* clang-format off */
static const struct croft_sign_vector croft_sign_vectors[] = {
    {"RFC 8032 section 7.1, test 1", true,
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"RFC 8032 section 7.1, test 2", true,
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"RFC 8032 section 7.1, test 3", true,
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
    {"an honest signature", true,
     "6ad042765575a8aa0a53d49abba42acf59de7919518daeea51c1e34db1cdac97", "63726f66742030",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83057b9a0236b05412784c000cba9e70cee948f2a312069f0fbb9d26dbee8304"},
    {"its message changed", false,
     "6ad042765575a8aa0a53d49abba42acf59de7919518daeea51c1e34db1cdac97", "63726f6674203021",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83057b9a0236b05412784c000cba9e70cee948f2a312069f0fbb9d26dbee8304"},
    {"its S + 1 L", false,
     "6ad042765575a8aa0a53d49abba42acf59de7919518daeea51c1e34db1cdac97", "63726f66742030",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "70d970f71c99c2ace81444a3eab37d85cee948f2a312069f0fbb9d26dbee8314"},
    {"its S + 8 L", false,
     "6ad042765575a8aa0a53d49abba42acf59de7919518daeea51c1e34db1cdac97", "63726f66742030",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "eba42982d54e4315c55e091801899617cfe948f2a312069f0fbb9d26dbee8384"},
    {"its S + 14 L", false,
     "6ad042765575a8aa0a53d49abba42acf59de7919518daeea51c1e34db1cdac97", "63726f66742030",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "799cecaf73a1b125cb0bd7e93864d094cfe948f2a312069f0fbb9d26dbee83e4"},
    {"a key that is not on the curve", false,
     "0200000000000000000000000000000000000000000000000000000000000000", "63726f66742030",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83057b9a0236b05412784c000cba9e70cee948f2a312069f0fbb9d26dbee8304"},
    {"small order A = 0 T8; the equation holds", false,
     "0100000000000000000000000000000000000000000000000000000000000000", "63726f66742034",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83d37395037d06062c05aacdb894cc4569124e4d3b0bb43abfdbb6afa9af720c"},
    {"small order A = 1 T8; the equation holds", false,
     "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "63726f6674203132",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83d37395037d06062c05aacdb894cc4569124e4d3b0bb43abfdbb6afa9af720c"},
    {"small order A = 2 T8; the equation holds", false,
     "0000000000000000000000000000000000000000000000000000000000000080", "63726f66742035",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83d37395037d06062c05aacdb894cc4569124e4d3b0bb43abfdbb6afa9af720c"},
    {"small order A = 3 T8; the equation holds", false,
     "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "63726f66742035",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83d37395037d06062c05aacdb894cc4569124e4d3b0bb43abfdbb6afa9af720c"},
    {"small order A = 4 T8; the equation holds", false,
     "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "63726f66742036",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83d37395037d06062c05aacdb894cc4569124e4d3b0bb43abfdbb6afa9af720c"},
    {"small order A = 5 T8; the equation holds", false,
     "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", "63726f6674203131",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83d37395037d06062c05aacdb894cc4569124e4d3b0bb43abfdbb6afa9af720c"},
    {"small order A = 6 T8; the equation holds", false,
     "0000000000000000000000000000000000000000000000000000000000000000", "63726f66742030",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83d37395037d06062c05aacdb894cc4569124e4d3b0bb43abfdbb6afa9af720c"},
    {"small order A = 7 T8; the equation holds", false,
     "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", "63726f66742032",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83d37395037d06062c05aacdb894cc4569124e4d3b0bb43abfdbb6afa9af720c"},
    {"small order A = 0 T8, not canonical; the equation holds", false,
     "0100000000000000000000000000000000000000000000000000000000000080", "63726f66742036",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83d37395037d06062c05aacdb894cc4569124e4d3b0bb43abfdbb6afa9af720c"},
    {"small order A = 0 T8, not canonical; the equation holds", false,
     "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "63726f66742036",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83d37395037d06062c05aacdb894cc4569124e4d3b0bb43abfdbb6afa9af720c"},
    {"small order A = 0 T8, not canonical; the equation holds", false,
     "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "63726f66742031",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83d37395037d06062c05aacdb894cc4569124e4d3b0bb43abfdbb6afa9af720c"},
    {"small order A = 2 T8, not canonical; the equation holds", false,
     "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "63726f66742038",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83d37395037d06062c05aacdb894cc4569124e4d3b0bb43abfdbb6afa9af720c"},
    {"small order A = 4 T8, not canonical; the equation holds", false,
     "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "63726f66742031",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83d37395037d06062c05aacdb894cc4569124e4d3b0bb43abfdbb6afa9af720c"},
    {"small order A = 6 T8, not canonical; the equation holds", false,
     "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "63726f6674203134",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "83d37395037d06062c05aacdb894cc4569124e4d3b0bb43abfdbb6afa9af720c"},
    {"small order R = 0 T8; the equation holds", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742036",
     "0100000000000000000000000000000000000000000000000000000000000000"
     "78f831d66a896f5fff7df22b8002df291837034291aa167e70a3ef919d2f2100"},
    {"small order R = 1 T8; the equation holds", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742035",
     "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
     "617965c6cbae64afeff179805e8541d698c747462b8613b769db0fea0068c00a"},
    {"small order R = 2 T8; the equation holds", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742031",
     "0000000000000000000000000000000000000000000000000000000000000080"
     "77f2358efb6e7267ff365933b16899ef1a4ff48dc1184d8666a2717ba16c6806"},
    {"small order R = 3 T8; the equation holds", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742030",
     "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
     "22263394e62f3a59a0d72270f9372d278f98659171375ad12c405141396ec402"},
    {"small order R = 4 T8; the equation holds", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f6674203130",
     "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
     "cfb18e280f8f63cc91c8c66b5e481044b9da282468d1ed3154f49b0c2ce6c60f"},
    {"small order R = 5 T8; the equation holds", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742035",
     "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"
     "ff535d9ad3d1fe26822ec7b5d70ac69afb798253ce3a2ab863515ab68cdb440d"},
    {"small order R = 6 T8; the equation holds", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742034",
     "0000000000000000000000000000000000000000000000000000000000000000"
     "ca3438f2a4118160442fb7bcf5138509db6f353dc8743b9e998cead3b568a505"},
    {"small order R = 7 T8; the equation holds", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742033",
     "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
     "76c8c824f8713818ad00d8d996a92f4da03dc3530bbb38c0d84c128e1e8b8201"},
    {"small order R = 0 T8, not canonical; the equation holds", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742032",
     "0100000000000000000000000000000000000000000000000000000000000080"
     "0c4971b983d81ce628ba864912bf1fc93e1aeae2402efea906ea9d7acf737c02"},
    {"small order R = 0 T8, not canonical; the equation holds", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742030",
     "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
     "813c89880222f5115cc89c0e0f11bcec2c2a4524345117144557599bdc3cec09"},
    {"small order R = 0 T8, not canonical; the equation holds", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742033",
     "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "1beb39f1974380dfd871b582ffae0f9e65d802d7ee0dd3be89d6269e69f25a04"},
    {"small order R = 2 T8, not canonical; the equation holds", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742031",
     "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "5ef151e26555ed21a5efa1265de4554aa08700710d91a3a87fac8541075aba0a"},
    {"small order R = 4 T8, not canonical; the equation holds", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742030",
     "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "f79dc47dbf23bf220a63d3bf02ad4a848e83f7047fc4b83b5d058eb5f34c8d09"},
    {"small order R = 6 T8, not canonical; the equation holds", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742031",
     "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
     "1d991cc0ea96b8bd99741dceebad09d6d363a1dd4eb6ba8fec2e8bfdd123b401"},
    {"A = aB + T8, R = rB, 8 | h: holds without cofactor", true,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742034",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "dd0c93c7811cc8fa1536cef7ffc272d2aff9750edfd3067d0b5d4db68a7c9b0c"},
    {"A = aB + T8, R = rB + T8, h = -1 mod 8: holds without cofactor", true,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742032",
     "6c2e02a1cd7a58c6d72e26bfcecbe464d007de22d0829e5db70d7648480c5c09"
     "2d3cc338f8a7b1e93aaf5882b7728ffebc205557e552aeb949d27b145bc6d90b"},
    {"A = aB + T8, R = rB: holds only times the cofactor", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742030",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "51f478746f36d509bee2a9294cf34c5c0bcafa9d1290b4697a812a88af7cb209"},
    {"A = aB, R = rB + T8: holds only times the cofactor", false,
     "6ad042765575a8aa0a53d49abba42acf59de7919518daeea51c1e34db1cdac97", "63726f66742030",
     "6c2e02a1cd7a58c6d72e26bfcecbe464d007de22d0829e5db70d7648480c5c09"
     "54e42f0a02c842fa7de089f6811d002290c51bf1fc7808a859780afdfbe28b0f"},
    {"A = aB + T8, R = rB + T8: holds only times the cofactor", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742037",
     "6c2e02a1cd7a58c6d72e26bfcecbe464d007de22d0829e5db70d7648480c5c09"
     "a32a21e6b9a34f3c171ae42f1a04c06e39522ab3607542895fc24fe9c7ae4708"},
    {"8 | h only once h is reduced mod L: reduced it must be", true,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742034",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "dd0c93c7811cc8fa1536cef7ffc272d2aff9750edfd3067d0b5d4db68a7c9b0c"},
    {"8 | h only before h is reduced mod L", false,
     "6745a42f7871b607b1c6e461115bc6ee1575152432224cd0bebbec8321ad2b12", "63726f66742030",
     "f61ea8172e56bf8709714ba8cf7c56e4f35dedcf75796344c48d008da9aea14a"
     "51f478746f36d509bee2a9294cf34c5c0bcafa9d1290b4697a812a88af7cb209"},
};
/* clang-format on */

#endif
