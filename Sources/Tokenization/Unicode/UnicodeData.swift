// Made by make_unicode_data.py beside this file; do not edit.
// Unicode 16.0 (unicodedata2 16.0.0, regex 2024.11.6), with the older tables of tokenizers 0.23.3 where said.

/// Unicode's character data in short form; `UnicodeTables` reads it.
enum UnicodeData {
    /// The categories in the order of their letters in `categories`.
    static let categoryNames = [
        "Cn", "Cc", "Cf", "Co", "Cs", "Lu", "Ll", "Lt", "Lm", "Lo",
        "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe",
        "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp",
    ]

    /// Runs of general categories from U+0000 on: a letter, and how many if not 1.
    static let categories: StaticString = """
        B32bW3YW3STWXWRW2N10W2X3W2F26SWTZQZG26SXTXB33bWY4aWZaJUXCaZaXP2ZGW2ZPJVP3WF23XF7G24XG8FGFGFGFGFGFGFGFGFG\
        FGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFG2FGFGFGFGFGFGFGFG2FGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGF2\
        GFGFG3F2GFGF2GF3G2F4GF2GF3G3F2GF2GFGFGF2GFG2FGF2GF3GFGF2G2JFG3J4FHGFHGFHGFGFGFGFGFGFGFGFG2FGFGFGFGFGFGFG\
        FGFG2FHGFGF3GFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFG7F2GF2G2FGF4GFGFGFGFG69JG27I18Z4I\
        12Z14I5Z7IZIZ17K112FGFGIZFGA2IG3WFA4Z2FWF3AFAF2GF17AF9G35FG2F3G3FGFGFGFGFGFGFGFGFGFGFGFG5FGXFGF2G2F51G48\
        FGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGaK5M2FGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGF2GFGFGFGFG\
        FGFG2FGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGAF3\
        8A2IW6G41WRA2a2YAK45RKWK2WK2WKA8J27A4J4W2A11C6X3W2YW2a2K11WCW3J32IJ10K21N10W4J2KJ99WJK7CaK6I2K2aK4J2N10J\
        3a2JW14ACJKJ30K27A2J89K11JA14N10J33K9I2aW3IA2KY2J22K4IK9IK3IK5A2W15AJ25K3A2WAJ11A5J24ZJ6AC2A5K9J41IK24CK\
        32LJ54KLKJL3K8L4KL2JK7J10K2W2N10WIJ15KL2AJ8A2J2A2J22AJ7AJA3J4A2KJL3K4A2L2A2L2KJA8LA4J2AJ3K2A2N10J2Y2P6aY\
        JWKA2K2LAJ6A4J2A2J22AJ7AJ2AJ2AJ2A2KAL3K2A4K2A2K3A3KA7J4AJA7N10K2J3KWA10K2LAJ9AJ3AJ22AJ7AJ2AJ5A2KJL3K5AK2\
        LAL2KA2JA15J2K2A2N10WYA7JK6AKL2AJ8A2J2A2J22AJ7AJ2AJ5A2KJLKLK4A2L2A2L2KA7K2LA4J2AJ3K2A2N10aJP6A10KJAJ6A3J\
        3AJ4A3J2AJAJ2A3J2A3J3A3J12A4L2KL2A3L3AL3KA2JA6LA14N10P3a6YaA5KL3KJ8AJ3AJ23AJ16A2KJK3L4AK3AK4A7K2AJ3A2JA2\
        J2K2A2N10A7WP7aJKL2WJ8AJ3AJ23AJ10AJ5A2KJLKL5AKL2AL2K2A7L2A6J2AJ2K2A2N10AJ2LA12K2L2J9AJ3AJ41K2JL3K4AL3AL3\
        KJaA4J3LP7J3K2A2N10P9aJ6AKL2AJ18A3J24AJ9AJA2J7A3KA4L3K3AKAL8A6N10A2L2WA12J48KJ2K7A4YJ6IK8WN10W2A37J2AJAJ\
        5AJ24AJAJ10KJ2K9JA2J5AIAK7AN10A2J4A32Ja3W15aWa3K2a6N10P10aKaKaKSTSTL2J8AJ36A4K14LK5WK2J5K11AK36Aa8Ka6Aa2\
        W5a4W2A37J43L2K4LK6LK2L2K2JN10W6J6L2K2J4K3JL3J2L7J3K4J13KL2K2L6KJLN10L3Ka2F38AFA5FA2G43WIG3J329AJ4A2J7AJ\
        AJ4A2J41AJ4A2J33AJ4A2J7AJAJ4A2J15AJ57AJ4A2J67A2K3W9P20A3J16a10A6F86A2G6A2RJ620aWJ17bJ26STA3J75W3O3J8A7J1\
        8K3LA9J19K2LW2A9J18K2A12J13AJ3AK2A12J52K2LK7L8KL2K11W3IW3YJKA2N10A6P10A6W6RW4K3CKN10A6J35IJ53A7J5K2J34KJ\
        A5J70A10J31AK3L4K2L3A4L2KL6K3A4aA3W2N10J30A2J5A11J44A4J26A6N10PA3a34J23K2L2KA2W2J53LKLK7AKLKL2K8L6K10A2K\
        N10A6N10A6W7IW6A2K14MK16A49K4LJ47KLK5LKL5KL2J8AW2N10W7a10K9a9W3K2LJ30LK4L2K2LK3J2N10J44KLK2L3KLK3L2A8W4J\
        36L8K8L2K2A3W5N10A3J3N10J30I6W2G9FGA5F43A2F3W8A8K3WK13LK7J4KJ6KJ2LK2JA5G44I63G13IG34I37K64FGFGFGFGFGFGFG\
        FGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFG\
        FGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFG9FGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGF\
        GFGFGFGFGFGFGFGFGFGFGFGFGFG9F8G6A2F6A2G8F8G8F8G6A2F6A2G8AFAFAFAFG8F8G14A2G8H8G8H8G8H8G5AG2F4HZGZ3G3AG2F4\
        HZ3G4A2G2F4AZ3G8F5Z3A2G3AG2F4HZ2Ab11C5R6W2UVSU2VSUW8cdC5bW9UVW4Q2W3XSTW11XWQW10bC5AC10PIA2P6X3STIP10X3ST\
        AI13A3Y33A15K13M4KM3K12A15a2Fa4Fa2GF3G2F3GaFa2XF5a6FaFaFaF4aGF4GJ4Ga2G2F2X5FG4aXa2GaP16O35FGO4Pa2A4X5a5X\
        2a4Xa2Xa2Xa7Xa31X2a2XaXa31X268a8STSTa20X2a7STa81Xa30X25a40X6a72A22a11A21P60a78P22a183Xa9Xa54X8a111Xa248S\
        TSTSTSTSTSTSTP30a44X5STX31STSTSTSTSTX16a256X131STSTSTSTSTSTSTSTSTSTSTX63STSTX32STX258a48X21a2X6a39A2a32A\
        a105F48G48FGF3G2FGFGFGF4GFG2FG6I2F3GFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFG\
        FGFGFGFGFGFGFGFGFGFGFGFGFGFGFG2a6FGFGK3FGA5W4PW2G38AGA5GA2J56A7IWA14KJ23A9J7AJ7AJ7AJ7AJ7AJ7AJ7AJ7AK32W2U\
        VUVW3UVWUVW9RW2RWUVW2UVSTSTSTSTW5IW10R2W4RWSW13a2W3STSTSTSTRA34a26Aa89A12a214A26a16bW3aIJOSTSTSTSTSTa2ST\
        STSTSTRST2aO9K4L2RI5a2O3IJWa2AJ86A2K2Z2I2JRJ90WI3JA5J43AJ94Aa2P4a10J32a38A9aJ16a31AP10a30P8aP15a32P10a39\
        P15a320J6592a64J21013IJ1143A3a55A9J40I6W2J268IW3J16N10J2A20FGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGF\
        GJKM3WK10WIFGFGFGFGFGFGFGFGFGFGFGFGFGFGI2K2J70O10K2W6A8Z23I9Z2FGFGFGFGFGFGFG3FGFGFGFGFGFGFGFGFGFGFGFGFGF\
        GFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGFGIG8FGFGF2GFGFGFGFGIZ2FGFGJFGFG3FGFGFGFGFGFGFGFGFGFGF5GF5GFGFGFGFGFGFG\
        FGF4GFGF2GA2FGAGAGFGFGFGFA21I3FGJI2GJ7KJ3KJ4KJ23L2K2La4KA3P6a2YaA6J52W4A8L2J50L16K2A8W2N10A6K18J6W3JWJ2K\
        N10J28K8W2J23K11L2A11WJ29A3K3LJ47KL2K4L2K2L3W13AIN10A4W2J5KIJ9N10J5AJ41K6L2K2L2K2A9J3KJ8KLA2N10A2W4J16IJ\
        6a3JLKLJ50KJK3J2K2J5K2JKJA24J2IW2J11LK2L2W2JI2LKA10J6A2J6A2J6A9J7AJ7AG43ZI4G9IZ2A4G80J35L2KL2KL2WLKA2N10\
        A6J11172A12J23A4J49A4E2048D6400J366A2J106A38G7A12G5A5JKJ10XJ13AJ5AJAJ2AJ2AJ108Z17A16J363TSa16J64A2J54A7a\
        A32J12Ya3K16W7STWA6K16WR2Q2STSTSTSTSTSTSTSTW2STW4Q3W3AW4RSTSTSTW3XRX3AWYW2A4J5AJ135A2CAW3YW3STWXWRW2N10W\
        2X3W2F26SWTZQZG26SXTXSTWSTW2J10IJ45I2J31A3J6A2J6A2J6A2J3A3Y2XZaY2AaX4a2A10C3a2A2J12AJ26AJ19AJ2AJ15A2J14A\
        34J123A5W3A4P45A3a9O53P4a17P2a3Aa13A3aA47a45KA130J29A3J49A15KP27A4J32P4A9J20OJ8OA5J38K5A5J30AWJ36A4J8WO5\
        A42F40G40J78A2N10A6F36A4G36A4J40A8J52A11WF11AF15AF7AF2AG11AG15AG7AG2A3J52A12J311A9J22A10J8A24I6AI42AI9A6\
        9J6A2JAJ44AJ2A3JA2J23AWP8J23a2P7J31A8P9A48J19AJ2A5P5J22P6A3WJ26A5WA64J56A4P2J2P16A2P46JK3AK2A5K4J4AJ3AJ2\
        9A2K3A4KP9A7W9A7J29P2WJ29P3A32J8aJ28K2A4P5W7A9J54A3W7J22A2P8J19A5P8J18A7W4A12P7A80J73A55F51A13G51A7P6J36\
        K4A8N10A6N10J4IJF22A3K5RIG22A8X2A208P31AJ42AK2RA2J2A16J3A55K4J29P10JA8J22K11P4W5A22J18K4W4A38J21P7A20J23\
        A9LKLJ53K15W7A4P20N10KJ2K2JA9K3LJ45L3K4L2K2W2CW4KA10CA2J25A7N10A6K3J36K5LK8AN10W4JL2JA8J35KW2JA9K2LJ48L3\
        K9L2J4W4K4WLKN10JWJW3AP20A11J18AJ25L3K3L2KLK2W6KJ2KA62J7AJAJ4AJ15AJ10WA6J47KL3K8A5N10A6K2L2AJ8A2J2A2J22A\
        J7AJ2AJ5AK2JL2KL4A2L2A2L3A2JA6LA5J5L2A2K7A3K5A11J10AJA2JAJ38AJL3K6ALA2LAL4AL2KLKJKJW2AW2A8K2A29J53L3K8L2\
        K3LKJ4W5N10W2AWKJ3A30J48L3K6LKL4K2LK2J2WJA8N10A166J47L3K4A2L4K2LK2W23J4K2A34J48L3K8L2KLK2W3JA11N10A6W13A\
        19J43KLKL2K6LKJWA6N10A6N20A28J27A2KLKL2K4LK5A4N10P2W3aJ7A185J44L3K9LK2WA100F32G32N10P9A12J8A2JA2J8AJ2AJ2\
        4L6AL2A2K2LKJLJLKW3A9N10A70J8A2J39L3K4A2K2L4KJWJLA27JK10J40K6LJK4W8KA8JK6L2K3J46K13LK2W3JW5A13J73A7W10A1\
        82J33WA14N10A6J9AJ37LK7AK6LKJW5A10N10P19A3W2J30A2K22ALK7LK2LK2A73J7AJ2AJ38K6A3KAK2AK7JKA8N10A6J6AJ2AJ32L\
        5AK2AL2KLKJA7N10A310J19K2L2W2A7K2JLJ13AJ34L2K5A3L2KLKW13N10KA85JA15P21a8Y4a17A13WJ922A102O111AW5A11J196A\
        2636J97W2A13J1072C16KJ6K15A10J3995A5J583A6841J30K12L3K3N10A1734J569A7J31AN10A4W2J79AN10A6J30A2K5WA10J48K\
        7W5a4I4WaA10N10AP7AJ21A5J19A432I3J40I2W3N10A198F32G32P23W4A101J75A4KJL55A7K4I13A64I2WIKA11L2A14J6136A8J1\
        238A41J10A8935I4AI7AI2AJ291A15JA29J3A2JA14J4A8J396A2308J107A5J13A3J9A7J10A2aK2WC4A3932a240N10A6a436A76K4\
        6A2K23A9a116A60a246A10a39A2a60L2K3a3L6C8K8a2K7a30K4a61A21a66K3aA122P20A12P20A12a87A9P25A135F26G26F26G7AG\
        18F26G26FAF2A2FA2F2A2F4AF8G4AGAG7AG11F26G26F2AF4A2F8AF7AG26F2AF4AF5AFA3F7AG26F26G26F26G26F26G26F26G26F26\
        G26F26G28A2F25XG25XG6F25XG25XG6F25XG25XG6F25XG25XG6F25XG25XG6FGA2N50a512K55a4K50a8Ka14Ka2W5A15K5AK15A110\
        4G10JG20A6G6A213K7AK17A2K7AK2AK5A5I62A33KA112J45A3K7I7A2N10A4JaA320J30KA17J44K4N10A5YA464J27IK4N10A214J3\
        0K2JN10A4WA480J7AJ4AJ2AJ15AJ197A2P9K7A41F34G34K7IA4N10A4W2A785P59aP3YP4A76P45aP15A194J4AJ27AJ2AJA2JAJ10A\
        J4AJAJA6JA4JAJAJAJ3AJ2AJA2JAJAJAJAJAJ2AJA2J4AJ7AJ4AJ4AJAJ10AJ17A5J3AJ5AJ17A52X2A270a44A4a100A12a15A2a15A\
        a15Aa37A10P13a161A56a29A13a44A4a9A7a2A14a6A154a251Z5a728A4a17A3a13A3a119A4a95A6a12A4aA15a12A4a56A8a10A6a\
        40A8a30A2a12A4a2A62a340A12a14A2a13A3a10A5a56A7a15A2a11A6a9A7a147Aa92N10A1030J42720A32J4154A6J222A2J5762A\
        14J7473A15J622A2466J542A1506J4939A5J4192A711761CA30C96A128K240A65040D65534A2D65534A2
        """

    /// White_Space.
    static let whiteSpace: StaticString = """
        9 5 i 1 2s 1 q 1 4bj 1 1vj b t 2 5 1 1b 1 334 1
        """

    /// Word characters: alphabetic, marks, decimal digits, connectors, joiners.
    static let word: StaticString = """
        1c a 7 q 4 1 1 q 1b 1 a 1 4 1 5 n 1 v 1 cq 4 c e 5 7 1 1 1 h 39 1 2 2 4 1 1 6 1 1 3 1 1 1 k 1 2b 1 3v 1\u{20}\
        4t 1 12 2 1 6 15 8 19 1 1 1 2 1 2 1 1 8 r 4 4 t b 5 22 4 2u 1 8 2 a 1 j 2 1 g 1n 2 2t e 1i 4 1 2 1 2 1a\u{20}\
        i s 4 b 5 o 1 6 8 23 1 3l 2 a 1 j 1 8 2 2 2 m 1 7 1 1 3 4 2 9 2 2 2 4 8 1 4 2 1 5 2 c a 1 1 1 2 3 1 6 4\u{20}\
        2 2 m 1 7 1 2 1 2 1 2 2 1 1 5 4 2 2 3 3 1 7 4 1 1 7 g b 3 1 9 1 3 1 m 1 7 1 2 1 5 2 a 1 3 1 3 2 1 f 4 2\u{20}\
        a 9 7 1 3 1 8 2 2 2 m 1 7 1 2 1 5 2 9 2 2 2 3 7 3 4 2 1 5 2 a 1 1 g 2 1 6 3 3 1 4 3 2 1 1 1 2 3 2 3 3 3\u{20}\
        c 4 5 3 3 1 4 2 1 6 1 e a g d 1 3 1 n 1 g 2 9 1 3 1 4 7 2 1 3 2 1 2 4 2 a g 4 1 8 1 3 1 n 1 a 1 5 2 9 1\u{20}\
        3 1 4 7 2 6 2 1 4 2 a 1 3 c d 1 3 1 1f 1 3 1 5 5 4 7 5 2 a a 6 1 3 1 i 3 o 1 9 1 1 2 7 3 1 4 6 1 1 1 8 6\
        \u{20}a 2 2 d 1m 5 f 1 a 13 2 1 1 1 5 1 o 1 1 1 n 2 5 1 1 1 7 1 a 2 4 w 1 n 2 6 a b 1 1 1 1 1 4 a 1 10 4 k 1\u{20}\
        i 1 10 9 1 1l 22 6 26 2 12 1 1 5 1 2 17 1 99 1 4 2 7 1 1 1 4 2 15 1 4 2 x 1 4 2 7 1 1 1 4 2 f 1 1l 1 4 2\
        \u{20}1v 2 3 w g g 2e 2 6 3 h8 2 h 1 q 5 23 3 b 7 m 9 m b k c d 1 3 1 2 c 2c 3 1 4 2 2 a x 3 1 b 6 2h 7 17 5\u{20}\
        1y a v 1 c 4 c a 14 2 5 b 18 4 q 6 a 12 s 4 1r 1 t 2 b 6 a d 1 8 v 1d 25 3 a h 9 c 38 c 1k 8 a 3 1d 2 b\u{20}\
        5 17 2 3 g 3 1 13 5 eu 2 6 2 12 2 6 2 8 1 1 1 1 1 1 1 v 2 1h 1 7 1 1 3 3 1 7 3 4 2 6 4 d 5 3 1 7 f 2 1d\u{20}\
        2 j 1 s 1 d 1 g d 1f x h 1 4 1 2 a 1 1 3 5 6 1 1 1 1 1 1 4 1 b 2 4 5 5 4 1 h 15 ml 1g 1ee 6d 6 9 c 12 1\u{20}\
        1 5 1 2 1k 7 1 f o 9 7 1 7 1 7 1 7 1 7 1 7 1 7 1 7 1 w 1b 1 d1 3 p f 1 5 2 5 4 2e 2 2 2 3 1 2i 1 4 5 17\u{20}\
        1 2m h w 1c g e8 534 1s h3h 1v 1a 2 7h 3 s k 1f 1 a 1 37 11 9 2 2v 2 1v 2 2 1 1 1 8 l 1i 4 1 j 1g c 1y a\
        \u{20}a 6 o 3 1 1 1d 2 10 c t 3 1t e b 6 v 1 1j 9 e 2 a 6 n 3 21 o 3 2 g 2 5 a 6 2 6 2 6 9 7 1 7 1 17 1 e 6 3\
        f 1 2 2 a 6 8mc c n 4 1d 6is a6 2 2y 12 7 c 5 5 c 1 d 1 5 1 1 1 2 1 2 1 30 x a3 i 1s 2 1i 14 c 4 g g g 3\
        \u{20}2 o 3 w 5 1 3r j a 7 q 4 1 1 q b 2h 3 6 2 6 2 6 2 3 z c 1 q 1 j 1 2 1 f 2 e y 3f 1x 1h 3s 1 3m t 3 1d f\
        \u{20}1 v w d u 5 17 5 u 2 10 4 8 1 5 16 4e 2 a 6 10 4 10 4 14 8 1g c b 1 f 1 7 1 2 1 b 1 f 1 7 1 2 3 1g c 8n\
        \u{20}9 m a 8 o 6 1 16 1 9 1x 6 2 1 1 18 1 2 3 1 2 n a n 9 v 1t j 1 2 a m a q 1y 1k 6 2 1s 4 1 2 5 8 1 3 1 t\u{20}\
        2 3 4 1 w t 3 t z 8 1 u p 1i a m a j d i 32 21 1j 1f d 1f d 14 8 a 6 12 3 5 1 n 6y 16 1 2 3 2 g 3 1j x a\
        \u{20}1 8 x v m 16 l r n 9 1z v g 9 1o 7 1 d p 7 a 6 1h 1 a 4 4 8 10 2 1 9 1x 4 4 1 d 1 1 z i 1 11 6 4 1q 7 1\
        \u{20}1 1 4 1 f 1 a 7 1n 5 a 6 4 1 8 2 2 2 m 1 7 1 2 1 5 1 a 2 2 2 3 2 1 6 1 5 7 2 7 3 5 b a 1 1 2 1 1 12 1 a\
        \u{20}1 1 2 1 1 4 1 8 d 2 t 23 5 a 4 4 u 1y 1 1 8 a 4m 1i 2 9 n 6 y 1t 3 1 b a 12 1l 7 a 6 k s r 2 f 4 a 6 7\u{20}\
        55 1n 2t 22 l 8 2 1 2 8 1 2 1 u 1 2 2 9 c a 1y 8 2 1a 2 8 1 2 r 1r 8 1 8 22 3 1 i 21 5j x f a 6 9 1 19 1\
        \u{20}9 f a o u 2 m 1 e 21 7 1 2 1 18 3 1 1 2 1 9 8 a 6 6 1 2 1 11 1 2 1 6 7 a 8m n 9 h 1 15 3 5 d b 2d 1 27\u{20}\
        pm 2u 33 h 5g 218 2p f ts g m a 32z 5 g7 5a1 1m 1c6 ft 7 v 1 a 6 27 1 a 6 u 2 5 b 1j 9 4 c a 9 l 5 j c0\u{20}\
        19 3 a 5i 1s 3k 23 4 1l 7 h 1s 2 1 2 b 2 e 4qg 8 ye 15 a 6w7 4 1 7 1 2 1 83 f 1 t 3 2 1 e 4 8 b0 1s4 2z\u{20}\
        5 d 3 9 7 a 3 2 381 a ee 1a 2 n f2 5 3 6 8 8 2 7 u 4 44 3 cb 2d 1 1z 1 2 2 1 2 2 2 4 1 c 1 1 1 7 1 1t 1\u{20}\
        4 2 8 1 7 1 s 1 4 1 5 1 1 3 7 1 9g 2 p 1 p 1 v 1 p 1 v 1 p 1 v 1 p 1 v 1 p 1 8 2 1e e8 1j 4 1e 8 1 e 1 m\
        \u{20}5 1 f uo v 6 6 5x 7 1 h 2 7 1 2 1 5 5 1q x 1 34 19 3 e 2 a 4 1 8x v h 1m d2 16 5y 17 dh 7 1 4 1 2 1 f 1\
        \u{20}5h b 7 15 24 4 a x2 4 1 r 1 2 1 1 2 1 1 a 1 4 1 1 1 1 6 1 4 1 1 1 1 1 1 3 1 2 1 1 2 1 1 1 1 1 1 1 1 1 1\
        \u{20}2 1 1 2 4 1 7 1 4 1 4 1 1 1 a 1 h 5 3 1 5 1 h hg q 6 q 6 q 21y a sm wyo w 37e 6 66 2 4g2 e 5rl f ha 1wi\
        \u{20}f2 15u 3t7 5 38g f9e8 6o
        """

    /// Alphabetic.
    static let alphabetic: StaticString = """
        1t q 6 q 1b 1 a 1 4 1 5 n 1 v 1 cq 4 c e 5 7 1 1 1 2e 1 t i 1 2 2 4 1 1 6 1 1 3 1 1 1 k 1 2b 1 3v 8 4m 1\
        \u{20}12 2 1 6 15 13 e 1 1 1 2 1 2 1 1 8 r 4 4 t b 5 1k 1 7 e 2u 1 8 4 8 4 3 a 3 2 1 g 1c d 2t o x 9 2 4 1 5\u{20}\
        o 2 j j p 7 b 5 o 1 6 8 1 8 16 a c 3 7 6 24 1 g 1 3 4 f d j 1 8 2 2 2 m 1 7 1 1 3 4 3 8 2 2 2 2 1 1 8 1\u{20}\
        4 2 1 5 c 2 a 1 4 3 1 6 4 2 2 m 1 7 1 2 1 2 1 2 4 5 4 2 2 2 4 1 7 4 1 1 h 6 b 3 1 9 1 3 1 m 1 7 1 2 1 5\u{20}\
        3 9 1 3 1 2 3 1 f 4 l 4 4 3 1 8 2 2 2 m 1 7 1 2 1 5 3 8 2 2 2 2 9 2 4 2 1 5 d 1 g 2 1 6 3 3 1 4 3 2 1 1\u{20}\
        1 2 3 2 3 3 3 c 4 5 3 3 1 3 3 1 6 1 14 d 1 3 1 n 1 g 3 8 1 3 1 3 8 2 1 3 2 1 2 4 s 4 1 8 1 3 1 n 1 a 1 5\
        \u{20}3 8 1 3 1 3 8 2 6 2 1 4 d 3 c d 1 3 1 15 2 8 1 3 1 3 1 1 5 4 7 5 m 6 1 3 1 i 3 o 1 9 1 1 2 7 8 6 1 1 1\u{20}\
        8 i 2 d 1m 5 7 6 1 1f 2 1 1 1 5 1 o 1 1 1 j 1 3 2 5 1 1 6 1 e 4 w 1 1r 8 1 10 4 j 4 g 1 10 1v 1j 1 1 2 5\
        \u{20}g 1s a 4 2 12 1 1 5 1 2 17 1 99 1 4 2 7 1 1 1 4 2 15 1 4 2 x 1 4 2 7 1 1 1 4 2 f 1 1l 1 4 2 1v 11 g g 2\
        e 2 6 3 h8 2 h 1 q 5 23 3 b 7 k b l c k c d 1 3 1 2 c 1g 2 j e 1 4 1 1v 2h 7 17 5 1y a v 1 c 4 9 n u 2 5\
        \u{20}b 18 4 q 1i s 4 1r 2 k 1e 1 n 2 b 3 1d 1g 1 f 1 8 1f 16 2 4 a 18 1 b e 1j m 3 a 10 2 b 5 17 2 3 15 4 1\u{20}\
        6 1 2 3 1 5 5c j y b 7q 2 6 2 12 2 6 2 8 1 1 1 1 1 1 1 v 2 1h 1 7 1 1 3 3 1 7 3 4 2 6 4 d 5 3 1 7 38 1 d\
        \u{20}1 g d 2t 1 4 1 2 a 1 1 3 5 6 1 1 1 1 1 1 4 1 b 2 4 5 5 4 1 h 15 ml 1g 1ee 6d 6 4 3 2 c 12 1 1 5 1 2 1k\u{20}\
        7 1 g n 9 7 1 7 1 7 1 7 1 7 1 7 1 7 1 7 1 w 1b 1 d1 3 p 9 7 5 2 5 4 2e 6 3 1 2i 1 4 5 17 1 2m h w 1c g e\
        8 534 1s h3h 1v 1a 2 7h 3 g a 2 k 1b 5 8 3 35 13 9 2 2v 2 1v 2 2 1 1 1 8 l k 1 x o 1g c 1w 1 1 18 6 3 1\u{20}\
        1 3 a x 5 z d t 3 1f 1 c f 1 g g a 5 1 1j 9 e i n 3 1x 1 1 1 1 o 3 2 g 2 4 b 6 2 6 2 6 9 7 1 7 1 17 1 e\u{20}\
        6 3f l 8mc c n 4 1d 6is a6 2 2y 12 7 c 5 5 c 1 d 1 5 1 1 1 2 1 2 1 30 x a3 i 1s 2 1i 14 c 38 5 1 3r 10 q\
        \u{20}6 q b 2h 3 6 2 6 2 6 2 3 z c 1 q 1 j 1 2 1 f 2 e y 3f 1x 1h 7f t 3 1d 1b w d u 5 17 5 u 2 10 4 8 1 5 16\
        \u{20}4e i 10 4 10 4 14 8 1g c b 1 f 1 7 1 2 1 b 1 f 1 7 1 2 3 1g c 8n 9 m a 8 o 6 1 16 1 9 1x 6 2 1 1 18 1 2\
        \u{20}3 1 2 n a n 9 v 1t j 1 2 a m a q 1y 1k 6 2 1s 4 1 2 5 8 1 3 1 t 16 t 3 t z 8 1 s r 1i a m a j d i 32 21\
        \u{20}1j 1f d 1f d 14 y s 3 1 5 n 6y 16 1 2 3 2 g 3 1j 1 3 t a 1 8 m 16 i 1a l r n 9 1y 17 5 a 1l 9 1 d p n 1\
        f h 4 8 z 3 1 9 1s 1 4 9 2 a 1 1 1 z i 1 y 2 1 6 4 1q 7 1 1 1 4 1 f 1 a 7 1l n 4 1 8 2 2 2 m 1 7 1 2 1 5\
        \u{20}3 8 2 2 2 2 3 1 6 1 5 7 s a 1 1 2 1 1 12 1 a 1 1 2 1 1 4 1 2 3 1 1 1 18 1u 1 3 1 4 k 3 u 1u 2 2 1 1 54\u{20}\
        1i 2 7 p 6 y 1r 1 1 3 1 1n 1i 2 1 1z r 2 e l 7 55 1l 2v 1s v 8 2 1 2 8 1 2 1 u 1 2 2 2 2 4 2l 8 2 1a 2 6\
        \u{20}1 1 1 2 r 1f 2 a h 20 5 1 i 21 5j x v 9 1 19 1 7 1 1 1d u 2 m 1 e 21 7 1 2 1 18 3 1 1 2 1 3 1 1 2 2 o 6\
        \u{20}1 2 1 11 1 2 1 4 1 1 93 n 9 h 1 15 3 3 33 1 27 pm 2u 33 h 5g 218 2p f ts h 6 p 32z 5 g7 5a1 1b 1ch ft 7\
        \u{20}v h 27 h u i 1c g 4 v l 5 j c0 19 5v 1s 3k 23 4 1l 7 h 1s 2 1 1 c 2 e 4qg 8 ye 15 a 6w7 4 1 7 1 2 1 83\u{20}\
        f 1 t 3 2 1 e 4 8 b0 1s4 2z 5 d 3 9 7 a 4 1 4m9 2d 1 1z 1 2 2 1 2 2 2 4 1 c 1 1 1 7 1 1t 1 4 2 8 1 7 1 s\
        \u{20}1 4 1 5 1 1 3 7 1 9g 2 p 1 p 1 v 1 p 1 v 1 p 1 v 1 p 1 v 1 p 1 8 1f8 v 6 6 5x 7 1 h 2 7 1 2 1 5 5 1q x\u{20}\
        1 34 19 a 7 g 1 8x u i 18 dg s 6c u 2 1 dr 7 1 4 1 2 1 f 1 5h 1n 1w 3 1 3 1 xg 4 1 r 1 2 1 1 2 1 1 a 1 4\
        \u{20}1 1 1 1 6 1 4 1 1 1 1 1 1 3 1 2 1 1 2 1 1 1 1 1 1 1 1 1 1 2 1 1 2 4 1 7 1 4 1 4 1 1 1 a 1 h 5 3 1 5 1 h\
        \u{20}hg q 6 q 6 q 2uu wyo w 37e 6 66 2 4g2 e 5rl f ha 1wi f2 15u 3t7 5 38g
        """

    /// Assigned after Unicode 15.1.
    static let later: StaticString = """
        1p3 1 3p2 2 1b 1 7d 2 1i4 3 2pm 2 nad 3 c 3 ijn 1g 1fw 12 3 t 8 2 8i 3 1j 1 w3 a 1 1 2 1 1 12 1 a 1 1 2\u{20}\
        1 1 4 1 a 1 2 8 2 kt k yk y e a o0 1 45h 32z 5qd 1m 2di 1m 685 1 cg0 6y 6 c4 4kc 17 4 1 3oy a 4 2 cn 1 5\
        \u{20}1 1a 1 7 1 l 1 2 1 9 1 69 11
        """

    /// What tokenizers' StripAccents takes away.
    static let combiningMarks: StaticString = """
        lc 34 7n 7 7b 19 1 1 1 2 1 2 1 1 20 b 1c l g 1 2t 7 2 6 2 2 1 4 z 1 u r 2j b 1m 9 y 4 1 9 1 3 1 5 17 3 3\
        c e 1 x 1i 3 1 i 1 7 a 2 t 3 1k 1 1 7 2 2 2 3 9 1 a 2 t 3 1k 1 1 5 4 2 2 3 3 1 u 2 3 1 b 3 1k 1 1 8 1 3\u{20}\
        1 3 k 2 t 3 1k 1 1 7 2 2 2 3 8 2 a 2 u 1 1n 5 3 3 1 4 9 1 14 4 1m 7 1 3 1 4 7 2 b 2 t 3 1k 1 1 7 1 3 1 4\
        \u{20}7 2 b 2 t 3 1m 7 1 3 1 4 9 1 a 2 u 2 1y 1 4 6 1 1 1 8 i 2 1p 1 2 7 c 8 2q 1 2 6 1 2 b 6 22 2 r 1 1 1 1\u{20}\
        1 4 2 1d k 1 2 5 b 1 10 9 1 2s k n 4 4 3 1 3 2 7 3 4 d c 1 1 a 4 jj 3 qa 3 t 3 t 2 u 2 1s w 9 1 19 3 3b\u{20}\
        2 y 1 3a c 4 c 63 5 1l a 1 t 2 1 1c f 1t 5 1b h 12 9 c 3 u d 1k e 1c k 48 3 1 l 4 1 4 3 3 2 5i 1i 5 5 k0\
        \u{20}x 2da 3 3x 1 2o w fe 6 2x 2 n9w 4 1 a w 2 28 2 7k 1 3 1 4 1 n 5 2g 2 1e i q i 1g 8 p d 18 4 1b e 10 1 1\
        v e c 1 8 2 19 3 1e 1 1 3 2 2 5 2 1 1 15 5 5 2 6k 8 1 2 fn4 1 kh g g g r1 1 6a 1 45 5 1ae 3 1 2 5 4 14 3\
        \u{20}4 1 4l 2 109 3 1h f 1k 4 19 b 1x 3 10 e 1q 1 c 3 1c e 9 3 2n c 6 1 4g c l 4 1k 1 1 7 2 2 2 3 9 1 a 2 2\u{20}\
        7 3 5 5c i 2x k 6j 7 2 9 r 2 2a h 2y d 2t f zn 8 1 8 2a m 1 e fg9 5 1n 7 t6 1a g 4 f7u 2 43q 5 3 6 8 8 2\
        \u{20}7 u 4 44 3 1iz 1j 4 1e 8 1 e 1 m 5 1 f 11s 7 1 h 2 7 1 2 1 5 1ph 7 31 7 gzhx 6o
        """

    /// What tokenizers' BertNormalizer takes away as an accent.
    static let bertMarks: StaticString = """
        lc 34 7n 5 7d 19 1 1 1 2 1 2 1 1 20 b 1c l g 1 2t 7 2 6 2 2 1 4 z 1 u r 2j b 1m 9 y 4 1 9 1 3 1 5 17 3 3\
        r w 1j 1 1 1 4 8 4 1 3 7 a 2 t 1 1m 1 4 4 8 1 k 2 t 2 1l 1 4 2 4 2 2 3 3 1 u 2 3 1 b 2 1l 1 4 5 1 2 4 1\u{20}\
        k 2 t 1 1m 1 2 1 1 4 8 1 8 1 b 2 u 1 1p 1 c 1 1e 1 1p 3 5 3 1 4 7 2 b 2 t 1 1m 1 2 1 6 1 5 2 k 2 t 1 1r\u{20}\
        4 8 1 k 2 2u 1 7 3 1 1 2i 1 2 7 c 8 2q 1 2 6 1 2 b 6 22 2 r 1 1 1 1 1 1j e 1 5 1 2 5 b 1 10 9 1 2u 4 1 6\
        \u{20}1 2 2 2 p 2 4 3 g 4 d 1 2 2 6 1 f 1 jj 3 qa 3 t 3 t 2 u 2 1s 2 1 7 8 1 2 b 9 1 19 3 4b 1 3a 3 4 2 9 1 6\
        \u{20}3 63 2 2 1 1m 1 1 7 1 1 1 1 2 8 6 a 2 1 1c e 1u 4 1c 1 1 5 1 1 5 1 14 9 c 2 w 4 2 2 1 3 1k 1 1 2 3 1 1\u{20}\
        3 1m 8 2 2 48 3 1 d 1 7 4 1 6 1 3 2 5i 1i 6 4 k0 d 4 1 3 c 2da 3 3x 1 2o w fe 4 2z 2 n9w 1 4 a w 2 28 2\u{20}\
        7k 1 3 1 4 1 p 2 4d 1 r i 1g 8 p b 1a 3 1c 1 2 4 2 1 14 1 1v 6 2 2 2 2 c 1 8 1 1b 1 1f 1 1 3 2 2 5 2 1 1\
        \u{20}16 2 8 1 6m 1 2 1 4 1 fn4 1 kh g g g r1 1 6a 1 45 5 1ae 3 1 2 5 4 14 3 4 1 4l 2 10a 1 1i f 1k 3 1d 4 2\u{20}\
        2 1x 3 10 5 1 8 1q 1 c 2 1g 9 b 3 2q 3 2 1 1 2 4n 1 3 8 l 2 1m 1 3 1 11 7 3 5 8u 6 1 1 4 2 1 2 6m 4 6 2\u{20}\
        1 2 r 2 2d 8 2 1 1 2 2y 1 1 1 2 6 1 1 2t 3 2 4 1 5 gjo 5 1n 7 uw 4 f7u 2 43s 3 h 8 2 7 u 4 44 3 1iz 1j 4\
        \u{20}1e 8 1 e 1 m 5 1 f 2sg 7 gzl5 6o
        """

    /// What tokenizers' BertNormalizer takes away as a control character.
    static let bertControls: StaticString = """
        0 9 2 2 1 i 2n x d 1 11u 6 m 1 5c 1 1d 1 3cu 1 1ks 5 q 5 1d 5 1 a 11u8 4xs 16n 1 6x 3 1 1 3b3 1 xya 4 43\
        z 8 h406 1 u 2o 1egw 1eke 2 1eke
        """

    /// What tokenizers' Punctuation, and BertPreTokenizer, call punctuation.
    static let punctuation: StaticString = """
        x f a 7 q 6 q 4 y 1 5 1 3 1 a 2 3 1 3 1 ji 1 8 1 cy 6 15 2 1f 1 1 1 2 1 2 1 18 2 k 2 1 2 d 1 2 2 22 4 2u\
        \u{20}1 17 e 6h 3 1i f v 1 79 2 a 1 an 1 lf 1 2i 1 a 2 4o f 1 1 11 4 1z 1 22 5 4 2 33 6 4r 1 h0 9 47 1 h8 2 1\
        8 2 26 3 1z 2 4d 3 1 3 11 b 8p 2 60 2 3k 7 1 6 4s 7 4b 4 1n 5 1q 2 1s 8 b 1 n0 o 8 k 1 d 1 c u 2 e 2 hl\u{20}\
        4 t 2 u5 e 27 2 v a b7 m 1r 4 w 2 l7 4 1 2 34 1 3z 1b 1 j ce 3 4 a 2 c g 1 c 1 2q 1 2i 1 mwy 2 7h 3 2r 1\
        \u{20}a 1 37 6 ak 4 2e 2 14 3 1 1 1d 2 1b 1 2p d g 2 3g 4 3i 2 g 2 6x 1 g2a 2 5s a m z 1 e 1 1 4 1 1 2 45 3 1\
        \u{20}6 1 4 a 2 3 2 q 3 1 1 r 1 1 1 1 7 be 3 ik 1 1c 1 bi 1 kn 1 5j 1 v 1 7k 9 12 1 34 7 1u 7 2h 4 x6 7 31 2\u{20}\
        1 4 3i 4 1c 2 27 5 3 1 d 1 1 3 2g 6 2z 1 f0 1 6y n 2x 3 6w 3 2lt 5 dtl 2 3p 1 1t 5 8 1 g2i 1 5wn 5
        """

    /// What tokenizers' Digits calls a digit: Rust's `char::is_numeric`.
    static let numeric: StaticString = """
        1c a 3c 2 5 1 2 3 141 a 3q a 5i a bg a 3a a 4 6 30 a 3a a 3a a 2 6 32 d 37 a 8 7 2v a 2w 7 7 j 31 a 2o a\
        \u{20}3a a 1y k 7g a 1y a jz k oh 3 6n a 6 a m a 8c a 3k b 4l a 6 a 52 a 2e a 3q a 6 a t2 1 3 6 6 a 5i 1f 2 5\
        \u{20}k6 1o 26 m hi u 12h 1 ll 1 p 9 e 3 9j 4 3u a u 8 1 f w a 13 f msg a 58 a 8w 6 4a a 12 a 5i a m a 2e a b\
        a a geu a dp 19 c 1l h 2 9h r 10 4 t 1 8 1 3q 5 5m a q6 8 p 7 13 9 23 5 m 6 4g 2 2 g 2 1a 1s 9 1g 2 u 3\u{20}\
        23 5 2w 8 o 8 15 7 96 6 1c a 6 a 7q v 4e a 16 4 34 7 3q u 3k a 1o a 40 a 7 k 6z a 9i a 3a a ae a 2u a 6\u{20}\
        k 24 c bo j 2l a ie a 2e t 6b a 1y a 1i a 9y a 2u l tn 33 c01 a 1t2 a 2e a 3q a 1 7 em a 7a n 9p 3 id5 a\
        \u{20}152 k c k 30 p ut 1e 1ts a bq a dy a 6v a jw 9 3k a lz 1n 1 3 1 4 24 19 1 f qq d 25f a
        """

    /// Scripts: names without case and separators, then ranges.
    static let scripts: StaticString = """
        common,zyyy=0 1t q 6 q 1b 1 f 1 5 n 1 v 1 ch 13 5 5 2 k 38 1 9 1 6 1 1 1 hp 1 6 1 e 1 3 1 w 1 4c 1 ec 1\u{20}\
        3l 2 yh 1 b9 4 82 1 167 3 1z 2 5n 2 1 1 y5 1 d 1 7 4 1 6 1 3 2 1 lh c 2 2f 1 b 3 b 1 f h x 1r 12 1 3 2 6\
        \u{20}1 r 1 h 15 3 4 ii m b l ps 74 hg 2 w 1 2x e8 2m b6 l 1 1 1 p f 8 4 4 2j 2 3 1 2i 2 43 g w 12 9 1 1c 1s\u{20}\
        v 29 1b 1 2g 4o 534 1s hkw y 2u 3 4l a 6s 1 4g 1 az 1 e 2 g5u 2 5s a m z 1 j 1 4 43 1 1 w q 6 q b a 1 19\
        \u{20}2 1s 7 1 7 a 5 76 3 4 19 3 9 28 d 1f 19 6c r 10o4 4 318 6y 6 c4 4c 38 1o 6u a 13 2 1q 3 h 8 2 7 u 4 1p\u{20}\
        5x k c k c 2f 9 p 3r 2d 1 1z 1 2 2 1 2 2 2 4 1 c 1 1 1 7 1 1t 1 4 2 8 1 7 1 s 1 4 1 5 1 1 3 7 1 9g 2 84\u{20}\
        2 1e 41d 1w 24 1p jm 18 4 2s c f 2 f 1 f 1 11 a 4u 1k q 1 2 d 18 4 9 7 2 e 6 4a rc 4 h 3 d 3 3b 4 2n 6 c\
        \u{20}4 1 f c 4 1k 8 a 6 14 8 u 2 c 4 2 1q 9g c e 2 d 3 a 5 1k 7 f 2 b 6 9 7 43 1 2u gvlz 1 u 2o;latin,latn=1\
        t q 6 q 1b 1 f 1 5 n 1 v 1 ch 13 5 55n 12 6 1d 5 4 5 d 1 1y 1t 74 a9 1 d 1 g d 3x 2 6 1 r 1 h 15 253 w o\
        82 2u 3 1v 2 2 1 1 1 8 l e mo 17 1 9 1 4 fpy 7 t6 q 6 q 1lx 6 1 16 1 9 16it v 6 6;bopo,bopomofo=kq 2 93t\
        \u{20}17 34 w;inherited,qaai,zinh=lc 34 7p 2 ck b q 1 kg 4 3ff v e9 3 1 d 1 7 4 1 6 1 3 2 5i 1s ek 2 5e x 309\
        \u{20}4 2z 2 14kl g g e r3 1 6a 1 38a 1 1138 1a 2 n f4 3 h 8 2 7 u 4 h45u 6o;greek,grek=og 4 1 3 2 4 1 1 4 1\u{20}\
        1 1 1 3 1 1 1 k 1 1r e g 4yu 5 1e 5 4 5 2c 1 8w m 2 6 2 12 2 6 2 8 1 1 1 1 1 1 1 v 2 1h 1 f 1 e 2 6 1 j\u{20}\
        2 3 1 9 87 1 rb2 1 gyi 27 h 1 155r 1y;copt,coptic,qaac=rm e 80g 38 5 7;cyrillic,cyrl=sg 3p 2 4p 4ls b 4g\
        \u{20}1 24 1 38n w nr4 2o ham 2 18n4 1q x 1;armenian,armn=10x 12 2 1e 2 3 1chv 5;hebr,hebrew=13l 1j 8 r 4 6 1\
        cfc q 1 5 1 1 1 2 1 2 1 a;arab,arabic=16o 5 1 6 1 e 1 3 1 w 1 a b q 1 30 1 y 28 1c 6o v 1 2 5 23 1 t 1bv\
        4 37 g a3 2 28 2 1i 7 1 w g 34 5 1 3r 31f v 1v 3 1j 4 181s 4 1 r 1 2 1 1 2 1 1 a 1 4 1 1 1 1 6 1 4 1 1 1\
        \u{20}1 1 1 3 1 2 1 1 2 1 1 1 1 1 1 1 1 1 1 2 1 1 2 4 1 7 1 4 1 4 1 1 1 a 1 h 5 3 1 5 1 h 1g 2;syrc,syriac=1d\
        s e 1 1o 2 3 7k b;thaa,thaana=1hc 1e;nko,nkoo=1j4 1n 2 3;samaritan,samr=1kw 1a 2 f;mand,mandaic=1mo s 2\u{20}\
        1;deva,devanagari=1s0 29 4 f 2 q vhc w mio a;beng,bengali=1vk 4 1 8 2 2 2 m 1 7 1 1 3 4 2 9 2 2 2 4 8 1\u{20}\
        4 2 1 5 2 p;gurmukhi,guru=1z5 3 1 6 4 2 2 m 1 7 1 2 1 2 1 2 2 1 1 5 4 2 2 3 3 1 7 4 1 1 7 h;gujarati,guj\
        r=22p 3 1 9 1 3 1 m 1 7 1 2 1 5 2 a 1 3 1 3 2 1 f 4 2 c 7 7;oriya,orya=269 3 1 8 2 2 2 m 1 7 1 2 1 5 2 9\
        \u{20}2 2 2 3 7 3 4 2 1 5 2 i;tamil,taml=29u 2 1 6 3 3 1 4 3 2 1 1 1 2 3 2 3 3 3 c 4 5 3 3 1 4 2 1 6 1 e l 1i\
        h1 1e d 1;telu,telugu=2dc d 1 3 1 n 1 g 2 9 1 3 1 4 7 2 1 3 2 1 2 4 2 a 7 9;kannada,knda=2gw d 1 3 1 n 1\
        \u{20}a 1 5 2 9 1 3 1 4 7 2 6 2 1 4 2 a 1 3;malayalam,mlym=2kg d 1 3 1 1f 1 3 1 6 4 g 2 q;sinh,sinhala=2o1 3\u{20}\
        1 i 3 o 1 9 1 1 2 7 3 1 4 6 1 1 1 8 6 a 2 3 1fcc k;thai=2rl 1m 5 s;lao,laoo=2v5 2 1 1 1 5 1 o 1 1 1 n 2\u{20}\
        5 1 1 1 7 1 a 2 4;tibetan,tibt=2yo 20 1 10 4 13 1 10 1 f 1 7 4 2;myanmar,mymr=35s 4g u9s v 2p w le8 k;ge\
        or,georgian=3a8 12 1 1 5 1 2 17 1 4 2a8 17 2 3 37k 12 1 1 5 1;hang,hangul=3cw 74 5ym 2 75 2m 35 v 1t v n\
        hd t hv 8mc c n 4 1d 7tw v 3 6 2 6 2 6 2 3;ethi,ethiopic=3k0 21 1 4 2 7 1 1 1 4 2 15 1 4 2 x 1 4 2 7 1 1\
        \u{20}1 4 2 f 1 1l 1 4 2 1v 2 w 3 q 546 n 9 7 1 7 1 7 1 7 1 7 1 7 1 7 1 7 opu 6 2 6 2 6 9 7 1 7 1qk1 7 1 4 1\u{20}\
        2 1 f;cher,cherokee=3vk 2e 2 6 twy 28;canadianaboriginal,cans=3y8 hs fk 1y 1ewq g;ogam,ogham=4g0 t;runic\
        ,runr=4gw 23 3 b;tagalog,tglg=4jk m 9 1;hano,hanunoo=4kg l;buhd,buhid=4lc k;tagb,tagbanwa=4m8 d 1 3 1 2;\
        khmer,khmr=4n4 2m 2 a 6 a di w;mong,mongolian=4qo 2 2 1 1 k 6 2h 7 17 1e45 d;limb,limbu=4xs v 1 c 4 c 4\u{20}\
        1 3 c;taile,tale=500 u 2 5;newtailue,talu=51c 18 4 q 6 b 3 2;bugi,buginese=54w s 2 2;lana,taitham=55s 1r\
        \u{20}1 t 2 b 6 a 6 e;bali,balinese=5c0 25 1 1e;sund,sundanese=5fk 1s 74 8;batak,batk=5hc 1g 8 4;lepc,lepcha=\
        5j4 1k 3 f 3 3;olchiki,olck=5lc 1c;brai,braille=7wg 74;glag,glagolitic=8ow 2o 2e1s 7 1 h 2 7 1 2 1 5;tfn\
        g,tifinagh=8xc 1k 7 2 e 1;han,hani=96o q 1 2h c 5y 1b 1 1 1 p 9 e 4 qs 534 1s g74 hkw a6 2 2y n48 2 c 2\u{20}\
        sge wyo w 37e 6 66 2 4g2 e 5rl f ha 1wi f2 15u 3t7 5 38g;hira,hiragana=9j5 2e 6 3 23q9 7z i 1 t 3 crx 1;\
        kana,katakana=9lt 2i 2 3 6o g 5s 1b 1 2g 14b2 a 1 19 ytu 4 1 7 1 2 1 1 7z 3 1e 1 e 4;yi,yiii=vls wd 3 1j\
        ;lisu=wk0 1c o8g 1;vai,vaii=wlc 8c;bamu,bamum=www 2g 124o ft;sylo,sylotinagri=x6o 19;phag,phagspa=x8g 1k\
        ;saur,saurashtra=xa8 1y 8 c;kali,kayahli=xds 1a 1 1;rejang,rjng=xf4 10 b 1;java,javanese=xhc 26 2 a 4 2;\
        cham=xkw 1j 9 e 2 a 2 4;taiviet,tavt=xog 1v o 5;meeteimayek,mtei=xr4 n 5l 1a 2 a;linb,linearb=1ekg c 1 q\
        \u{20}1 j 1 2 1 f 2 e y 3f;lyci,lycian=1f28 t;cari,carian=1f34 1d;ital,olditalic=1f5s 10 9 3;goth,gothic=1f74\
        \u{20}r;oldpermic,perm=1f80 17;ugar,ugaritic=1f9c u 1 1;oldpersian,xpeo=1fa8 10 4 e;deseret,dsrt=1fcw 28;shav\
        ian,shaw=1ff4 1c;osma,osmanya=1fgg u 2 a;osage,osge=1fhs 10 4 10;elba,elbasan=1fk0 14;aghb,caucasianalba\
        nian=1flc 1g b 1;vith,vithkuqi=1fn4 b 1 f 1 7 1 2 1 b 1 f 1 7 1 2;todhri,todr=1fpc 1g;lina,lineara=1fr4\u{20}\
        8n 9 m a 8;cprt,cypriot=1g5c 6 2 1 1 18 1 2 3 1 2 1;armi,imperialaramaic=1g74 m 1 9;palm,palmyrene=1g80\u{20}\
        w;nabataean,nbat=1g8w v 8 9;hatr,hatran=1gbk j 1 2 5 5;phnx,phoenician=1gcg s 3 1;lydi,lydian=1gdc q 5 1\
        ;mero,meroitichieroglyphs=1gg0 w;merc,meroiticcursive=1ggw o 4 k 2 1a;khar,kharoshthi=1gjk 4 1 2 5 8 1 3\
        \u{20}1 t 2 3 4 a 7 9;oldsoutharabian,sarb=1gm8 w;narb,oldnortharabian=1gn4 w;mani,manichaean=1gow 13 4 c;ave\
        stan,avst=1gqo 1i 3 7;inscriptionalparthian,prti=1gsg m 2 8;inscriptionalpahlavi,phli=1gtc j 5 8;phlp,ps\
        alterpahlavi=1gu8 i 7 4 c 7;oldturkic,orkh=1gxs 21;hung,oldhungarian=1h1c 1f d 1f 7 6;hanifirohingya,roh\
        g=1h4w 14 8 a;gara,garay=1h6o 12 3 t 8 2;yezi,yezidi=1hfk 16 1 3 2 2;oldsogdian,sogo=1hj4 14;sogd,sogdia\
        n=1hkg 16;olduyghur,ougr=1hm8 q;chorasmian,chrs=1ho0 s;elym,elymaic=1hpc n;brah,brahmi=1hq8 26 4 10 9 1;\
        kaithi,kthi=1hts 1v a 1;sora,sorasompeng=1hw0 p 7 a;cakm,chakma=1hxc 1h 1 i;mahajani,mahj=1hzk 13;sharad\
        a,shrd=1i0w 2o;khoj,khojki=1i4g i 1 1b;mult,multani=1i80 7 1 1 1 4 1 f 1 b;khudawadi,sind=1i9c 1n 5 a;gr\
        an,grantha=1ibk 4 1 8 2 2 2 m 1 7 1 2 1 5 2 9 2 2 2 3 2 1 6 1 5 7 2 7 3 5;tulutigalari,tutg=1if4 a 1 1 2\
        \u{20}1 1 12 1 a 1 1 2 1 1 4 1 a 1 2 8 2;newa=1iio 2k 1 5;tirh,tirhuta=1im8 20 8 a;sidd,siddham=1itc 1i 2 12;\
        modi=1iww 1x b a;takr,takri=1j0g 1m 6 a;ahom=1j40 r 2 f 4 n;dogr,dogra=1jb4 1o;wara,warangciti=1jfk 2b c\
        \u{20}1;diak,divesakuru=1ji8 7 2 1 2 8 1 2 1 u 1 2 2 c 9 a;nand,nandinagari=1jmo 8 2 1a 2 b;zanabazarsquare,z\
        anb=1jpc 20;soyo,soyombo=1jrk 2b;pauc,paucinhau=1juo 1l;sunu,sunuwar=1k1s y e a;bhaiksuki,bhks=1k3k 9 1\u{20}\
        19 1 e a t;marc,marchen=1k6o w 2 m 1 e;gonm,masaramgondi=1kao 7 1 2 1 18 3 1 1 2 1 9 8 a;gong,gunjalagon\
        di=1kdc 6 1 2 1 11 1 2 1 6 7 a;maka,makasar=1ko0 p;kawi=1kow h 1 15 3 t;cuneiform,xsux=1kw0 pm 2u 33 1 5\
        \u{20}b 5g;cpmn,cyprominoan=1nyo 2r;egyp,egyptianhieroglyphs=1o1s uu a 32z;anatolianhieroglyphs,hluw=1s00 g7;\
        gukh,gurungkhema=1xq8 1m;mro,mroo=1zk0 v 1 a 4 2;tangsa,tnsa=1zlc 27 1 a;bass,bassavah=1zo0 u 2 6;hmng,p\
        ahawhhmong=1zpc 1y a a 1 7 1 l 5 j;kiratrai,krai=205c 1m;medefaidrin,medf=20cg 2j;miao,plrd=20hs 23 4 1l\
        \u{20}7 h;tang,tangut=20o0 1 v 4qg 8 lc e8 9;nshu,nushu=20o1 1 cy6 b0;khitansmallscript,kits=20o4 1 5cr d2 15\
        \u{20}1;dupl,duployan=2fpc 2z 5 d 3 9 7 a 2 4;sgnw,signwriting=2l8g i4 f 5 1 f;hmnp,nyiakengpuachuehmong=2n0g\
        \u{20}19 3 e 2 a 4 2;toto=2nbk v;wancho,wcho=2ncw 1m 5 1;nagm,nagmundari=2nrk 16;olonal,onao=2nyo 17 4 1;mend\
        ,mendekikakui=2oe8 5h 2 g;adlam,adlm=2olc 24 4 a 4 2
        """

    /// Lower case (Rust's `char::to_lowercase`), but for U+0130, which becomes U+0069 U+0307.
    static let lowerCase: StaticString = """
        65,26,1,32;192,23,1,32;216,7,1,32;256,24,2,1;306,3,2,1;313,8,2,1;330,23,2,1;376,1,1,-121;377,3,2,1;385,1\
        ,1,210;386,2,2,1;390,1,1,206;391,1,1,1;393,2,1,205;395,1,1,1;398,1,1,79;399,1,1,202;400,1,1,203;401,1,1,\
        1;403,1,1,205;404,1,1,207;406,1,1,211;407,1,1,209;408,1,1,1;412,1,1,211;413,1,1,213;415,1,1,214;416,3,2,\
        1;422,1,1,218;423,1,1,1;425,1,1,218;428,1,1,1;430,1,1,218;431,1,1,1;433,2,1,217;435,2,2,1;439,1,1,219;44\
        0,1,1,1;444,1,1,1;452,1,1,2;453,1,1,1;455,1,1,2;456,1,1,1;458,1,1,2;459,9,2,1;478,9,2,1;497,1,1,2;498,2,\
        2,1;502,1,1,-97;503,1,1,-56;504,20,2,1;544,1,1,-130;546,9,2,1;570,1,1,10795;571,1,1,1;573,1,1,-163;574,1\
        ,1,10792;577,1,1,1;579,1,1,-195;580,1,1,69;581,1,1,71;582,5,2,1;880,2,2,1;886,1,1,1;895,1,1,116;902,1,1,\
        38;904,3,1,37;908,1,1,64;910,2,1,63;913,17,1,32;931,9,1,32;975,1,1,8;984,12,2,1;1012,1,1,-60;1015,1,1,1;\
        1017,1,1,-7;1018,1,1,1;1021,3,1,-130;1024,16,1,80;1040,32,1,32;1120,17,2,1;1162,27,2,1;1216,1,1,15;1217,\
        7,2,1;1232,48,2,1;1329,38,1,48;4256,38,1,7264;4295,1,1,7264;4301,1,1,7264;5024,80,1,38864;5104,6,1,8;730\
        5,1,1,1;7312,43,1,-3008;7357,3,1,-3008;7680,75,2,1;7838,1,1,-7615;7840,48,2,1;7944,8,1,-8;7960,6,1,-8;79\
        76,8,1,-8;7992,8,1,-8;8008,6,1,-8;8025,4,2,-8;8040,8,1,-8;8072,8,1,-8;8088,8,1,-8;8104,8,1,-8;8120,2,1,-\
        8;8122,2,1,-74;8124,1,1,-9;8136,4,1,-86;8140,1,1,-9;8152,2,1,-8;8154,2,1,-100;8168,2,1,-8;8170,2,1,-112;\
        8172,1,1,-7;8184,2,1,-128;8186,2,1,-126;8188,1,1,-9;8486,1,1,-7517;8490,1,1,-8383;8491,1,1,-8262;8498,1,\
        1,28;8544,16,1,16;8579,1,1,1;9398,26,1,26;11264,48,1,48;11360,1,1,1;11362,1,1,-10743;11363,1,1,-3814;113\
        64,1,1,-10727;11367,3,2,1;11373,1,1,-10780;11374,1,1,-10749;11375,1,1,-10783;11376,1,1,-10782;11378,1,1,\
        1;11381,1,1,1;11390,2,1,-10815;11392,50,2,1;11499,2,2,1;11506,1,1,1;42560,23,2,1;42624,14,2,1;42786,7,2,\
        1;42802,31,2,1;42873,2,2,1;42877,1,1,-35332;42878,5,2,1;42891,1,1,1;42893,1,1,-42280;42896,2,2,1;42902,1\
        0,2,1;42922,1,1,-42308;42923,1,1,-42319;42924,1,1,-42315;42925,1,1,-42305;42926,1,1,-42308;42928,1,1,-42\
        258;42929,1,1,-42282;42930,1,1,-42261;42931,1,1,928;42932,8,2,1;42948,1,1,-48;42949,1,1,-42307;42950,1,1\
        ,-35384;42951,2,2,1;42955,1,1,-42343;42956,8,2,1;42972,1,1,-42561;42997,1,1,1;65313,26,1,32;66560,40,1,4\
        0;66736,36,1,40;66928,11,1,39;66940,15,1,39;66956,7,1,39;66964,2,1,39;68736,51,1,64;68944,22,1,32;71840,\
        32,1,32;93760,32,1,32;93856,25,1,27;125184,34,1,34
        """

    /// Simple case folding.
    static let foldCase: StaticString = """
        65,26,1,32;181,1,1,775;192,23,1,32;216,7,1,32;256,24,2,1;306,3,2,1;313,8,2,1;330,23,2,1;376,1,1,-121;377\
        ,3,2,1;383,1,1,-268;385,1,1,210;386,2,2,1;390,1,1,206;391,1,1,1;393,2,1,205;395,1,1,1;398,1,1,79;399,1,1\
        ,202;400,1,1,203;401,1,1,1;403,1,1,205;404,1,1,207;406,1,1,211;407,1,1,209;408,1,1,1;412,1,1,211;413,1,1\
        ,213;415,1,1,214;416,3,2,1;422,1,1,218;423,1,1,1;425,1,1,218;428,1,1,1;430,1,1,218;431,1,1,1;433,2,1,217\
        ;435,2,2,1;439,1,1,219;440,1,1,1;444,1,1,1;452,1,1,2;453,1,1,1;455,1,1,2;456,1,1,1;458,1,1,2;459,9,2,1;4\
        78,9,2,1;497,1,1,2;498,2,2,1;502,1,1,-97;503,1,1,-56;504,20,2,1;544,1,1,-130;546,9,2,1;570,1,1,10795;571\
        ,1,1,1;573,1,1,-163;574,1,1,10792;577,1,1,1;579,1,1,-195;580,1,1,69;581,1,1,71;582,5,2,1;837,1,1,116;880\
        ,2,2,1;886,1,1,1;895,1,1,116;902,1,1,38;904,3,1,37;908,1,1,64;910,2,1,63;913,17,1,32;931,9,1,32;962,1,1,\
        1;975,1,1,8;976,1,1,-30;977,1,1,-25;981,1,1,-15;982,1,1,-22;984,12,2,1;1008,1,1,-54;1009,1,1,-48;1012,1,\
        1,-60;1013,1,1,-64;1015,1,1,1;1017,1,1,-7;1018,1,1,1;1021,3,1,-130;1024,16,1,80;1040,32,1,32;1120,17,2,1\
        ;1162,27,2,1;1216,1,1,15;1217,7,2,1;1232,48,2,1;1329,38,1,48;4256,38,1,7264;4295,1,1,7264;4301,1,1,7264;\
        5112,6,1,-8;7296,1,1,-6222;7297,1,1,-6221;7298,1,1,-6212;7299,2,1,-6210;7301,1,1,-6211;7302,1,1,-6204;73\
        03,1,1,-6180;7304,1,1,35267;7312,43,1,-3008;7357,3,1,-3008;7680,75,2,1;7835,1,1,-58;7838,1,1,-7615;7840,\
        48,2,1;7944,8,1,-8;7960,6,1,-8;7976,8,1,-8;7992,8,1,-8;8008,6,1,-8;8025,4,2,-8;8040,8,1,-8;8120,2,1,-8;8\
        122,2,1,-74;8126,1,1,-7173;8136,4,1,-86;8152,2,1,-8;8154,2,1,-100;8168,2,1,-8;8170,2,1,-112;8172,1,1,-7;\
        8184,2,1,-128;8186,2,1,-126;8486,1,1,-7517;8490,1,1,-8383;8491,1,1,-8262;8498,1,1,28;8544,16,1,16;8579,1\
        ,1,1;9398,26,1,26;11264,48,1,48;11360,1,1,1;11362,1,1,-10743;11363,1,1,-3814;11364,1,1,-10727;11367,3,2,\
        1;11373,1,1,-10780;11374,1,1,-10749;11375,1,1,-10783;11376,1,1,-10782;11378,1,1,1;11381,1,1,1;11390,2,1,\
        -10815;11392,50,2,1;11499,2,2,1;11506,1,1,1;42560,23,2,1;42624,14,2,1;42786,7,2,1;42802,31,2,1;42873,2,2\
        ,1;42877,1,1,-35332;42878,5,2,1;42891,1,1,1;42893,1,1,-42280;42896,2,2,1;42902,10,2,1;42922,1,1,-42308;4\
        2923,1,1,-42319;42924,1,1,-42315;42925,1,1,-42305;42926,1,1,-42308;42928,1,1,-42258;42929,1,1,-42282;429\
        30,1,1,-42261;42931,1,1,928;42932,8,2,1;42948,1,1,-48;42949,1,1,-42307;42950,1,1,-35384;42951,2,2,1;4296\
        0,1,1,1;42966,2,2,1;42997,1,1,1;43888,80,1,-38864;65313,26,1,32;66560,40,1,40;66736,36,1,40;66928,11,1,3\
        9;66940,15,1,39;66956,7,1,39;66964,2,1,39;68736,51,1,64;71840,32,1,32;93760,32,1,32;125184,34,1,34
        """

    /// Canonical decompositions, one level, without Hangul syllables.
    static let canonical: StaticString = """
        5c:1t lc;1:1t ld;1:1t le;1:1t lf;1:1t lk;1:1t lm;2:1v mf;1:1x lc;1:1x ld;1:1x le;1:1x lk;1:21 lc;1:21 ld\
        ;1:21 le;1:21 lk;2:26 lf;1:27 lc;1:27 ld;1:27 le;1:27 lf;1:27 lk;3:2d lc;1:2d ld;1:2d le;1:2d lk;1:2h ld\
        ;3:2p lc;1:2p ld;1:2p le;1:2p lf;1:2p lk;1:2p lm;2:2r mf;1:2t lc;1:2t ld;1:2t le;1:2t lk;1:2x lc;1:2x ld\
        ;1:2x le;1:2x lk;2:32 lf;1:33 lc;1:33 ld;1:33 le;1:33 lf;1:33 lk;3:39 lc;1:39 ld;1:39 le;1:39 lk;1:3d ld\
        ;2:3d lk;1:1t lg;1:2p lg;1:1t li;1:2p li;1:1t mg;1:2p mg;1:1v ld;1:2r ld;1:1v le;1:2r le;1:1v lj;1:2r lj\
        ;1:1v lo;1:2r lo;1:1w lo;1:2s lo;3:1x lg;1:2t lg;1:1x li;1:2t li;1:1x lj;1:2t lj;1:1x mg;1:2t mg;1:1x lo\
        ;1:2t lo;1:1z le;1:2v le;1:1z li;1:2v li;1:1z lj;1:2v lj;1:1z mf;1:2v mf;1:20 le;1:2w le;3:21 lf;1:2x lf\
        ;1:21 lg;1:2x lg;1:21 li;1:2x li;1:21 mg;1:2x mg;1:21 lj;4:22 le;1:2y le;1:23 mf;1:2z mf;2:24 ld;1:30 ld\
        ;1:24 mf;1:30 mf;1:24 lo;1:30 lo;5:26 ld;1:32 ld;1:26 mf;1:32 mf;1:26 lo;1:32 lo;4:27 lg;1:33 lg;1:27 li\
        ;1:33 li;1:27 ln;1:33 ln;3:2a ld;1:36 ld;1:2a mf;1:36 mf;1:2a lo;1:36 lo;1:2b ld;1:37 ld;1:2b le;1:37 le\
        ;1:2b mf;1:37 mf;1:2b lo;1:37 lo;1:2c mf;1:38 mf;1:2c lo;1:38 lo;3:2d lf;1:39 lf;1:2d lg;1:39 lg;1:2d li\
        ;1:39 li;1:2d lm;1:39 lm;1:2d ln;1:39 ln;1:2d mg;1:39 mg;1:2f le;1:3b le;1:2h le;1:3d le;1:2h lk;1:2i ld\
        ;1:3e ld;1:2i lj;1:3e lj;1:2i lo;1:3e lo;y:27 m3;1:33 m3;e:2d m3;1:39 m3;t:1t lo;1:2p lo;1:21 lo;1:2x lo\
        ;1:27 lo;1:33 lo;1:2d lo;1:39 lo;1:64 lg;1:70 lg;1:64 ld;1:70 ld;1:64 lo;1:70 lo;1:64 lc;1:70 lc;2:5g lg\
        ;1:6c lg;1:fa lg;1:fb lg;1:5i lg;1:6e lg;3:1z lo;1:2v lo;1:23 lo;1:2z lo;1:27 mg;1:33 mg;1:dm lg;1:dn lg\
        ;1:c7 lo;1:ia lo;1:2y lo;4:1z ld;1:2v ld;3:26 lc;1:32 lc;1:5h ld;1:6d ld;1:5i ld;1:6e ld;1:60 ld;1:6w ld\
        ;1:1t lr;1:2p lr;1:1t lt;1:2p lt;1:1x lr;1:2t lr;1:1x lt;1:2t lt;1:21 lr;1:2x lr;1:21 lt;1:2x lt;1:27 lr\
        ;1:33 lr;1:27 lt;1:33 lt;1:2a lr;1:36 lr;1:2a lt;1:36 lt;1:2d lr;1:39 lr;1:2d lt;1:39 lt;1:2b me;1:37 me\
        ;1:2c me;1:38 me;3:20 lo;1:2w lo;7:1t lj;1:2p lj;1:1x mf;1:2t mf;1:5y lg;1:6u lg;1:5x lg;1:6t lg;1:27 lj\
        ;1:33 lj;1:fi lg;1:fj lg;1:2h lg;1:3d lg;7h:lc;1:ld;2:lv;1:lk ld;1c:jd;a:1n;7:4o ld;1:pd ld;1:53;1:ph ld\
        ;1:pj ld;1:pl ld;2:pr ld;2:px ld;1:q1 ld;1:qy ld;q:pl lk;1:px lk;1:q9 ld;1:qd ld;1:qf ld;1:qh ld;1:qz ld\
        ;q:qh lk;1:qt lk;1:qn ld;1:qt ld;1:qx ld;5:r6 ld;1:r6 lk;18:t1 lc;1:t1 lk;2:sz ld;4:sm lk;5:t6 ld;1:t4 l\
        c;1:tf li;b:t4 li;w:u0 li;n:tx lc;1:tx lk;2:tv ld;4:uu lk;5:u2 ld;1:u0 lc;1:ub li;o:vo lr;1:vp lr;22:t2\u{20}\
        li;1:ty li;e:sw li;1:ts li;1:sw lk;1:ts lk;3:t1 li;1:tx li;3:yg lk;1:yh lk;1:t2 lk;1:ty lk;1:t3 lk;1:tz\u{20}\
        lk;3:t4 lg;1:u0 lg;1:t4 lk;1:u0 lk;1:ta lk;1:u6 lk;3:yw lk;1:yx lk;1:tp lk;1:ul lk;1:tf lg;1:ub lg;1:tf\u{20}\
        lk;1:ub lk;1:tf ln;1:ub ln;1:tj lk;1:uf lk;3:tn lk;1:uj lk;89:17r 18z;1:17r 190;1:18o 190;1:17r 191;1:18\
        q 190;4a:1cl 190;2:1c1 190;h:1ci 190;gm:1t4 1to;8:1tc 1to;3:1tf 1to;10:1sl 1to;1:1sm 1to;1:1sn 1to;1:1ss\
        \u{20}1to;1:1sx 1to;1:1sy 1to;1:1t7 1to;1:1tb 1to;30:1xj 1xa;1:1xj 1xz;g:1wh 1x8;1:1wi 1x8;2:1wv 1x8;2c:20i 2\
        0s;3:20o 20s;z:1zq 20s;1:1zr 20s;1:1zw 20s;3:20b 20s;6i:287 28m;3:287 27y;1:287 28n;g:275 27w;1:276 27w;\
        1j:2aa 2c7;1i:2bq 2bi;1:2br 2bi;1:2bq 2c7;3g:2fa 2fq;3c:2in 2j9;7:2iu 2j9;1:2iu 2ja;2:2iu 2iq;1:2iy 2j9;\
        3j:2me 2m6;1:2mf 2m6;1:2me 2mv;3y:2qh 2q2;2:2qh 2q7;1:2qk 2q2;1:2qh 2qn;9x:30i 33r;a:30s 33r;5:30x 33r;5\
        :312 33r;5:317 33r;d:30g 33p;a:31t 31u;2:31t 31w;1:33m 328;2:33n 328;9:31t 328;i:32q 33r;a:330 33r;5:335\
        \u{20}33r;5:33a 33r;5:33f 33r;d:32o 33p;31:36t 372;25c:5c5 5dh;2:5c7 5dh;2:5c9 5dh;2:5cb 5dh;2:5cd 5dh;4:5ch\u{20}\
        5dh;15:5dm 5dh;2:5do 5dh;3:5dq 5dh;1:5dr 5dh;2:5du 5dh;jh:1t md;1:2p md;1:1u lj;1:2q lj;1:1u mb;1:2q mb;\
        1:1u mp;1:2q mp;1:5j ld;1:6f ld;1:1w lj;1:2s lj;1:1w mb;1:2s mb;1:1w mp;1:2s mp;1:1w mf;1:2s mf;1:1w ml;\
        1:2s ml;1:7m lc;1:7n lc;1:7m ld;1:7n ld;1:1x ml;1:2t ml;1:1x mo;1:2t mo;1:fc li;1:fd li;1:1y lj;1:2u lj;\
        1:1z lg;1:2v lg;1:20 lj;1:2w lj;1:20 mb;1:2w mb;1:20 lk;1:2w lk;1:20 mf;1:2w mf;1:20 mm;1:2w mm;1:21 mo;\
        1:2x mo;1:5r ld;1:6n ld;1:23 ld;1:2z ld;1:23 mb;1:2z mb;1:23 mp;1:2z mp;1:24 mb;1:30 mb;1:5yu lg;1:5yv l\
        g;1:24 mp;1:30 mp;1:24 ml;1:30 ml;1:25 ld;1:31 ld;1:25 lj;1:31 lj;1:25 mb;1:31 mb;1:26 lj;1:32 lj;1:26 m\
        b;1:32 mb;1:26 mp;1:32 mp;1:26 ml;1:32 ml;1:5x ld;1:6t ld;1:5x lk;1:6t lk;1:98 lc;1:99 lc;1:98 ld;1:99 l\
        d;1:28 ld;1:34 ld;1:28 lj;1:34 lj;1:2a lj;1:36 lj;1:2a mb;1:36 mb;1:5zu lg;1:5zv lg;1:2a mp;1:36 mp;1:2b\
        \u{20}lj;1:37 lj;1:2b mb;1:37 mb;1:9m lj;1:9n lj;1:9s lj;1:9t lj;1:602 lj;1:603 lj;1:2c lj;1:38 lj;1:2c mb;1:\
        38 mb;1:2c mp;1:38 mp;1:2c ml;1:38 ml;1:2d mc;1:39 mc;1:2d mo;1:39 mo;1:2d ml;1:39 ml;1:a0 ld;1:a1 ld;1:\
        a2 lk;1:a3 lk;1:2e lf;1:3a lf;1:2e mb;1:3a mb;1:2f lc;1:3b lc;1:2f ld;1:3b ld;1:2f lk;1:3b lk;1:2f lj;1:\
        3b lj;1:2f mb;1:3b mb;1:2g lj;1:3c lj;1:2g lk;1:3c lk;1:2h lj;1:3d lj;1:2i le;1:3e le;1:2i mb;1:3e mb;1:\
        2i mp;1:3e mp;1:2w mp;1:38 lk;1:3b lm;1:3d lm;2:an lj;5:1t mb;1:2p mb;1:1t ll;1:2p ll;1:5e ld;1:6a ld;1:\
        5e lc;1:6a lc;1:5e ll;1:6a ll;1:5e lf;1:6a lf;1:61s le;1:61t le;1:76 ld;1:77 ld;1:76 lc;1:77 lc;1:76 ll;\
        1:77 ll;1:76 lf;1:77 lf;1:61s li;1:61t li;1:1x mb;1:2t mb;1:1x ll;1:2t ll;1:1x lf;1:2t lf;1:5m ld;1:6i l\
        d;1:5m lc;1:6i lc;1:5m ll;1:6i ll;1:5m lf;1:6i lf;1:62g le;1:62h le;1:21 ll;1:2x ll;1:21 mb;1:2x mb;1:27\
        \u{20}mb;1:33 mb;1:27 ll;1:33 ll;1:5w ld;1:6s ld;1:5w lc;1:6s lc;1:5w ll;1:6s ll;1:5w lf;1:6s lf;1:630 le;1:6\
        31 le;1:bk ld;1:bl ld;1:bk lc;1:bl lc;1:bk ll;1:bl ll;1:bk lf;1:bl lf;1:bk mb;1:bl mb;1:2d mb;1:39 mb;1:\
        2d ll;1:39 ll;1:bz ld;1:c0 ld;1:bz lc;1:c0 lc;1:bz ll;1:c0 ll;1:bz lf;1:c0 lf;1:bz mb;1:c0 mb;1:2h lc;1:\
        3d lc;1:2h mb;1:3d mb;1:2h ll;1:3d ll;1:2h lf;1:3d lf;7:q9 lv;1:q9 lw;1:64g lc;1:64h lc;1:64g ld;1:64h l\
        d;1:64g n6;1:64h n6;1:pd lv;1:pd lw;1:64o lc;1:64p lc;1:64o ld;1:64p ld;1:64o n6;1:64p n6;1:qd lv;1:qd l\
        w;1:64w lc;1:64x lc;1:64w ld;1:64x ld;3:ph lv;1:ph lw;1:654 lc;1:655 lc;1:654 ld;1:655 ld;3:qf lv;1:qf l\
        w;1:65c lc;1:65d lc;1:65c ld;1:65d ld;1:65c n6;1:65d n6;1:pj lv;1:pj lw;1:65k lc;1:65l lc;1:65k ld;1:65l\
        \u{20}ld;1:65k n6;1:65l n6;1:qh lv;1:qh lw;1:65s lc;1:65t lc;1:65s ld;1:65t ld;1:65s n6;1:65t n6;1:pl lv;1:pl\
        \u{20}lw;1:660 lc;1:661 lc;1:660 ld;1:661 ld;1:660 n6;1:661 n6;1:qn lv;1:qn lw;1:668 lc;1:669 lc;1:668 ld;1:6\
        69 ld;3:pr lv;1:pr lw;1:66g lc;1:66h lc;1:66g ld;1:66h ld;3:qt lv;1:qt lw;1:66o lc;1:66p lc;1:66o ld;1:6\
        6p ld;1:66o n6;1:66p n6;2:px lw;2:66x lc;2:66x ld;2:66x n6;1:qx lv;1:qx lw;1:674 lc;1:675 lc;1:674 ld;1:\
        675 ld;1:674 n6;1:675 n6;1:q1 lv;1:q1 lw;1:67c lc;1:67d lc;1:67c ld;1:67d ld;1:67c n6;1:67d n6;1:q9 lc;1\
        :q4;1:qd lc;1:q5;1:qf lc;1:q6;1:qh lc;1:q7;1:qn lc;1:r0;1:qt lc;1:r1;1:qx lc;1:r2;3:64g n9;1:64h n9;1:64\
        i n9;1:64j n9;1:64k n9;1:64l n9;1:64m n9;1:64n n9;1:64o n9;1:64p n9;1:64q n9;1:64r n9;1:64s n9;1:64t n9;\
        1:64u n9;1:64v n9;1:65c n9;1:65d n9;1:65e n9;1:65f n9;1:65g n9;1:65h n9;1:65i n9;1:65j n9;1:65k n9;1:65l\
        \u{20}n9;1:65m n9;1:65n n9;1:65o n9;1:65p n9;1:65q n9;1:65r n9;1:674 n9;1:675 n9;1:676 n9;1:677 n9;1:678 n9;1\
        :679 n9;1:67a n9;1:67b n9;1:67c n9;1:67d n9;1:67e n9;1:67f n9;1:67g n9;1:67h n9;1:67i n9;1:67j n9;1:q9 l\
        i;1:q9 lg;1:67k n9;1:q9 n9;1:q4 n9;2:q9 n6;1:69i n9;1:pd li;1:pd lg;1:pd lc;1:p2;1:pd n9;2:qh;3:4o n6;1:\
        67o n9;1:qf n9;1:q6 n9;2:qf n6;1:69y n9;1:ph lc;1:p4;1:pj lc;1:p5;1:pj n9;1:69r lc;1:69r ld;1:69r n6;1:q\
        h li;1:qh lg;1:qy lc;1:pc;3:qh n6;1:qy n6;1:pl li;1:pl lg;1:pl lc;1:p6;2:6bi lc;1:6bi ld;1:6bi n6;1:qt l\
        i;1:qt lg;1:qz lc;1:q8;1:qp lv;1:qp lw;1:qt n6;1:qz n6;1:px li;1:px lg;1:px lc;1:pa;1:pt lw;1:4o lc;1:p1\
        ;1:2o;3:67w n9;1:qx n9;1:r2 n9;2:qx n6;1:6ba n9;1:pr lc;1:p8;1:q1 lc;1:pb;1:q1 n9;1:50;3:6bm;1:6bn;85:q1\
        ;4:23;1:5h;33:6mo mw;1:6mq mw;j:6ms mw;v:6og mw;1:6ok mw;1:6oi mw;1h:6pv mw;5:6q0 mw;3:6q3 mw;o:6qr mw;2\
        :6qt mw;r:6rg mw;3:6rn mw;3:6rp mw;2:6rs mw;n:1p mw;2:6sh mw;b:6rx mw;1:1o mw;1:1q mw;1:6sk mw;1:6sl mw;\
        3:6sy mw;1:6sz mw;3:6t2 mw;1:6t3 mw;7:6t6 mw;1:6t7 mw;3:6te mw;1:6tf mw;3:6ti mw;1:6tj mw;z:6ua mw;1:6ug\
        \u{20}mw;1:6uh mw;1:6uj mw;1d:6t8 mw;1:6t9 mw;1:6tt mw;1:6tu mw;7:6uq mw;1:6ur mw;1:6us mw;1:6ut mw;1o:9hk;1:\
        9hl;1iq:8gt mw;12o:9jf 9ll;2:9jh 9ll;2:9jj 9ll;2:9jl 9ll;2:9jn 9ll;2:9jp 9ll;2:9jr 9ll;2:9jt 9ll;2:9jv 9\
        ll;2:9jx 9ll;2:9jz 9ll;2:9k1 9ll;3:9k4 9ll;2:9k6 9ll;2:9k8 9ll;7:9kf 9ll;1:9kf 9lm;2:9ki 9ll;1:9ki 9lm;2\
        :9kl 9ll;1:9kl 9lm;2:9ko 9ll;1:9ko 9lm;2:9kr 9ll;1:9kr 9lm;n:9ja 9ll;a:9lp 9ll;e:9m3 9ll;2:9m5 9ll;2:9m7\
        \u{20}9ll;2:9m9 9ll;2:9mb 9ll;2:9md 9ll;2:9mf 9ll;2:9mh 9ll;2:9mj 9ll;2:9ml 9ll;2:9mn 9ll;2:9mp 9ll;3:9ms 9ll\
        ;2:9mu 9ll;2:9mw 9ll;7:9n3 9ll;1:9n3 9lm;2:9n6 9ll;1:9n6 9lm;2:9n9 9ll;1:9n9 9lm;2:9nc 9ll;1:9nc 9lm;2:9\
        nf 9ll;1:9nf 9lm;n:9ly 9ll;3:9nz 9ll;1:9o0 9ll;1:9o1 9ll;1:9o2 9ll;4:9od 9ll;13ia:rpk;1:kc4;1:s7e;1:rt4;\
        1:lw1;1:fg2;1:gkl;1:vj0;1:vj0;1:hn5;1:ssx;1:gw7;1:hmw;1:jcm;1:ne1;1:p6t;1:qin;1:qt6;1:r20;1:sjz;1:kxu;1:\
        ljv;1:mah;1:mvy;1:q4d;1:sq2;1:uep;1:fia;1:ghh;1:l50;1:mjf;1:qi5;1:v8e;1:ifk;1:m3v;1:qfh;1:r50;1:jih;1:pn\
        c;1:qvz;1:iq2;1:kd3;1:lm2;1:mpo;1:slq;1:fpi;1:g53;1:gda;1:jwk;1:l3n;1:mj4;1:nhj;1:pa9;1:qh2;1:qjg;1:s1b;\
        1:tv6;1:upb;1:v7e;1:nt8;1:nzz;1:otc;1:q15;1:t1g;1:vb3;1:rfa;1:hjz;1:iro;1:okg;1:pdq;1:mle;1:nuy;1:rsy;1:\
        ttj;1:hjs;1:i8y;1:kyb;1:lp6;1:lxr;1:oq7;1:oxj;1:tor;1:gcy;1:pe3;1:g64;1:g5o;1:o4c;1:ou6;1:q29;1:tpx;1:rk\
        0;1:jin;1:kxu;1:rge;1:fg9;1:i5j;1:iz6;1:mtj;1:n74;1:gev;1:nwb;1:fr3;1:iw9;1:ff1;1:lho;1:k1k;1:opu;1:gjn;\
        1:hge;1:ni9;1:q4p;1:re2;1:la2;1:sds;1:lfs;1:jjy;1:put;1:jog;1:n6t;1:fji;1:g2x;1:g5l;1:kn5;1:oo7;1:prj;1:\
        rf6;1:ssv;1:gdx;1:gn6;1:ho3;1:ir0;1:k3p;1:m4e;1:nxm;1:tkd;1:ui2;1:vbr;1:vda;1:gbf;1:kau;1:l87;1:sbm;1:in\
        o;1:j9s;1:jcw;1:jve;1:lyb;1:mdl;1:n0p;1:o22;1:ovo;1:pdb;1:s9y;1:q9a;1:sgz;1:t3e;1:g7r;1:gbn;1:gql;1:ma0;\
        1:r0i;1:re2;1:iq1;1:iyd;1:jnf;1:l9q;1:oji;1:mt1;1:fl0;1:h6h;1:i5j;1:iii;1:izg;1:muq;1:mzt;1:p7e;1:pc6;1:\
        svo;1:tti;1:tvs;1:u1k;1:fpn;1:o1a;1:ss4;1:trs;1:j4x;1:fie;1:fyy;1:i5q;1:i7z;1:k2h;1:kxu;1:mha;1:ncy;1:q9\
        o;1:sjg;1:vil;1:k94;1:tny;1:gax;1:kfv;1:kj7;1:lkx;1:luk;1:mx5;1:n6h;1:nsb;1:opc;1:u3i;1:g31;1:je6;1:tq0;\
        1:fu3;1:ie1;1:lpm;1:sa2;1:ivf;1:j7o;1:kk7;1:mtj;1:tqe;1:g89;1:glr;1:i91;1:k5v;1:kem;1:ko8;1:lid;1:mx2;1:\
        naa;1:p6h;1:r0v;1:r1d;1:sss;1:tsy;1:gfz;1:lve;1:gm5;1:mhc;1:n14;1:qgq;1:tr7;1:uvr;1:vbz;1:kgn;1:lor;1:pn\
        s;1:o97;1:obk;1:olu;1:mo0;1:m8p;1:riw;1:fk0;1:px2;1:g8q;1:g7b;1:ip2;1:jir;1:onq;1:i2t;1:ljy;1:kac;1:saj;\
        1:qx8;1:tot;1:r63;1:iqb;1:g1s;1:gxs;3:hga;2:k8k;3:g66;1:mqy;1:ngq;1:ny4;1:nz2;1:nz9;1:o0f;1:tw6;1:on2;1:\
        p8d;2:qhe;2:rg8;3:shk;1:sn1;4:u7j;1:u7w;1:u94;1:v5g;1:sm6;1:trr;1:fqm;1:fzb;1:g25;1:gcp;1:gdg;1:ggh;1:gw\
        t;1:gzq;1:h2g;1:hfk;1:hig;1:i90;1:i9a;1:j2s;1:j8o;1:j9q;1:jci;1:k0f;1:k4i;1:k9d;1:kn9;1:lmf;1:lqy;1:lya;\
        1:mem;1:mjv;1:mxu;1:ntd;1:ny6;1:nyh;1:nyg;1:nyo;1:nyu;1:nz1;1:o0d;1:o0e;1:o5c;1:o75;1:og0;1:ovo;1:ow9;1:\
        oxt;1:p6a;1:pad;1:pnx;1:prt;1:prt;1:q53;1:r2o;1:r6e;1:rgh;1:ri1;1:rtf;1:ruw;1:sdy;1:shk;1:tsz;1:u0v;1:u2\
        j;1:j1x;1:36cu;1:pp4;3:ffq;1:g51;1:g2w;1:fpc;1:g1x;1:g3k;1:gcn;1:ge2;1:gwt;1:gut;1:gwp;1:gyq;1:hga;1:hir\
        ;1:hms;1:hn8;1:huq;1:i08;1:iqa;1:iqh;1:iuh;1:iwd;1:j4o;1:j7y;1:j60;1:j9q;1:j8g;1:jci;1:jec;1:jpg;1:jrw;1\
        :jte;1:k0m;1:k8k;1:kd3;1:kd7;1:keu;1:l89;1:la2;1:lkx;1:lwb;1:lvv;1:lya;1:m5a;1:mem;1:nmv;1:mk5;1:mnj;1:m\
        qy;1:n01;1:n46;1:n5n;1:nbx;1:nbz;1:ngq;1:nh7;1:nhw;1:nka;1:nk0;1:nv0;1:o8h;1:og0;1:ol7;1:orf;1:ovo;1:p4u\
        ;1:pad;1:pxu;1:q27;1:qrd;1:r41;1:r5y;1:r6e;1:ren;1:rg8;1:rez;1:rgh;1:rge;1:rfx;1:ri1;1:rka;1:ruw;1:sag;1\
        :sj6;1:srd;1:sxi;1:tq4;1:tsz;1:tw6;1:tzv;1:u0v;1:u17;1:u2j;1:umq;1:vj0;1:313e;1:3138;1:33dh;1:brx;1:cns;\
        1:cop;1:39e1;1:3bgw;1:3i6r;1:vgj;1:vim;1w:15l 14k;2:16a 14n;b:161 14x;1:161 14y;1:1dmx 14x;1:1dmx 14y;1:\
        15c 14n;1:15c 14o;1:15c 14s;1:15d 14s;1:15e 14s;1:15f 14s;1:15g 14s;1:15h 14s;1:15i 14s;2:15k 14s;1:15l\u{20}\
        14s;1:15m 14s;1:15n 14s;1:15o 14s;2:15q 14s;2:15s 14s;1:15t 14s;2:15v 14s;1:15w 14s;2:15y 14s;1:15z 14s;\
        1:160 14s;1:161 14s;1:162 14s;1:15h 14p;1:15d 14v;1:15n 14v;1:15w 14v;47g:1huh 1hve;2:1huj 1hve;f:1hut 1\
        hve;3n:1hyp 1hyf;1:1hyq 1hyf;f0:1idj 1ida;1:1idj 1idz;a7:1int 1inu;1:1int 1ink;2:1int 1inx;70:1iuw 1iun;\
        1:1iux 1iun;112b:2jx3 2jxh;1:2jx4 2jxh;1:2jxb 2jxq;1:2jxb 2jxr;1:2jxb 2jxs;1:2jxb 2jxt;1:2jxb 2jxu;2f:2j\
        zt 2jxh;1:2jzu 2jxh;1:2jzv 2jxq;1:2jzw 2jxq;1:2jzv 2jxr;1:2jzw 2jxr;1m4g:fgd;1:fg8;1:fgh;1:2tcy;1:fog;1:\
        fqm;1:fqz;1:fsy;1:fwa;1:fx5;1:fzb;1:fyn;1:ae6;1:2ud6;1:g25;1:g2c;1:g2s;1:g3b;1:2u58;1:aex;1:g2v;1:g3x;1:\
        2u6j;1:g47;1:g4k;1:fkc;1:g4s;1:g51;1:3ly7;1:g6t;1:g77;1:afz;1:g8r;1:g92;1:gaa;1:gaf;1:ahh;1:gcn;1:gcp;1:\
        gdg;1:ge2;1:ged;1:gee;1:gev;1:gg9;1:ggh;1:ggq;1:ghf;1:ghp;1:ghr;1:ghr;1:ghr;1:2v58;1:m7k;1:gju;1:gkf;1:2\
        vdv;1:gkr;1:gkx;1:gli;1:gpq;1:gmw;1:gnc;1:go8;1:gpu;1:gs6;1:gsw;1:gur;1:gv7;1:gw4;1:gw4;1:gwp;1:gx7;1:gx\
        f;1:gxu;1:h7a;1:gzq;1:h7b;1:h1t;1:h2s;1:g7b;1:hke;1:hce;1:hdg;1:he5;1:haj;1:hf6;1:hf5;1:hik;1:2x9g;1:hki\
        ;1:hkn;1:hl2;1:hlm;1:hlu;1:hnm;1:2xm0;1:2xnu;1:hrg;1:hsr;1:ht3;1:hqw;1:huu;1:aum;1:av0;1:hzc;1:i0u;1:i0u\
        ;1:2y88;1:i4j;1:i54;1:i5j;1:i5v;1:2yhk;1:i67;1:i6e;1:itv;1:i76;1:ayp;1:i8w;1:i9a;1:ibk;1:ia5;1:2z1g;1:if\
        7;1:2z1i;1:ige;1:igb;1:igs;1:ijl;1:ijm;1:b3j;1:ikd;1:ilk;1:im5;1:ind;1:b4y;1:2zr7;1:b5o;1:ipc;1:ipf;1:ip\
        i;1:iq2;1:3pg2;1:iri;1:3035;1:3035;1:poh;1:isi;1:isi;1:b7r;1:335k;1:3cgq;1:iua;1:iuj;1:b8j;1:ivu;1:ix9;1\
        :ixj;1:iyh;1:j29;1:bay;1:ba4;1:j2s;1:30t0;1:j47;1:j7s;1:j7w;1:j7y;1:j7w;1:j96;1:j9q;1:jaq;1:jac;1:jan;1:\
        jby;1:jci;1:jcm;1:jdc;1:jdn;1:jfh;1:jht;1:jis;1:jm8;1:31n0;1:jlp;1:jjw;1:jmw;1:jnn;1:jqc;1:31td;1:js2;1:\
        jph;1:jop;1:bhq;1:ju1;1:jum;1:jvh;1:juf;1:bjg;1:k0f;1:k18;1:32mi;1:k4j;1:kc8;1:k7d;1:bo9;1:k9d;1:bns;1:b\
        ms;1:g42;1:g45;1:kcg;1:k9o;1:pf1;1:deh;1:kd3;1:kd7;1:kdd;1:kf2;1:ker;1:33cz;1:bpl;1:kje;1:kg5;1:klu;1:kn\
        9;1:33hp;1:kni;1:kkf;1:kr8;1:brx;1:ksi;1:kv7;1:kx6;1:l2g;1:33xf;1:l3v;1:bvc;1:l5t;1:34br;1:l78;1:bwu;1:l\
        82;1:l9b;1:la2;1:la3;1:34p9;1:2yvf;1:34sa;1:le6;1:354s;1:lhb;1:lhp;1:lev;1:ljq;1:lku;1:lmf;1:lkx;1:lm1;1\
        :lmg;1:lmt;1:357i;1:lkk;1:lrj;1:lta;1:c37;1:lvv;1:lvr;1:35jl;1:lq1;1:m0e;1:35ni;1:35ou;1:m2u;1:m61;1:m5a\
        ;1:m57;1:c5y;1:m6i;1:m7x;1:m7r;1:m99;1:2u5h;1:mdh;1:368z;1:mfw;1:36i3;1:mjs;1:mk5;1:mkw;1:36yw;1:mm8;1:m\
        mt;1:3779;1:37dg;1:mt6;1:mtn;1:cdo;1:mud;1:ce0;1:ce0;1:myv;1:mzg;1:n01;1:n0l;1:n2i;1:cgr;1:n50;1:386u;1:\
        n5q;1:389e;1:n74;1:2zrz;1:nbk;1:38v5;1:38vs;1:38zo;1:cn0;1:cnc;1:nhw;1:394j;1:394i;1:395l;1:396b;1:nj2;1\
        :nj3;1:nj3;1:nka;1:cop;1:nm3;1:cp2;1:cra;1:39r1;1:nri;1:nt8;1:nv0;1:ctf;1:3a5i;1:nyu;1:3a8q;1:3a9x;1:o0f\
        ;1:o2z;1:cvj;1:o5c;1:o5m;1:o5r;1:3at8;1:3b1j;1:3b1j;1:oa6;1:d1e;1:3b8r;1:og6;1:og9;1:d2f;1:3beo;1:onm;1:\
        d5s;1:oo8;1:oo3;1:oow;1:3c06;1:orn;1:d8h;1:ouf;1:ow2;1:oxx;1:d9w;1:3ciw;1:3cjr;1:dax;1:3cnt;1:p6i;1:3cqm\
        ;1:p79;1:pa2;1:pad;1:3d22;1:3d43;1:pcw;1:3d7s;1:pdc;1:33a7;1:ded;1:pf6;1:phf;1:dfv;1:pj2;1:hx1;1:3dlz;1:\
        3dmd;1:33bn;1:33bw;1:poh;1:pok;1:sda;1:dij;1:psh;1:psb;1:pst;1:gc3;1:ptd;1:ptf;1:ptp;1:puu;1:3ebg;1:put;\
        1:pwd;1:pyb;1:q0d;1:pwj;1:q0t;1:q1z;1:q53;1:pxv;1:q16;1:q18;1:q1o;1:3eie;1:3eqz;1:3emt;1:dnv;1:q9d;1:q9f\
        ;1:qae;1:3g0a;1:qck;1:3f3g;1:dp9;1:dpd;1:3f75;1:3ff6;1:dpn;1:qj4;1:qjg;1:qjr;1:qjt;1:qll;1:qko;1:qoe;1:q\
        n6;1:qrd;1:qp4;1:qqz;1:qrq;1:dsn;1:qu9;1:qv5;1:dtl;1:qxs;1:qxv;1:3giv;1:r13;1:r1a;1:dv9;1:r22;1:aez;1:3g\
        z2;1:3h46;1:dz2;1:dzb;1:rds;1:rfx;1:rka;1:rpx;1:3hrc;1:rsb;1:rsx;1:rvf;1:rxz;1:3i9b;1:2upw;1:s0b;1:rzw;1\
        :s1c;1:2uvy;1:s7o;1:sag;1:3jki;1:3jl9;1:sk4;1:smp;1:snl;1:3ju6;1:snv;1:svs;1:t07;1:t08;1:sxo;1:t89;1:t91\
        ;1:3ksa;1:tjf;1:ej9;1:tkn;1:3l2v;1:eli;1:ts3;1:iia;1:tur;1:3ltx;1:3lzu;1:epa;1:epi;1:u00;1:3mdm;1:er6;1:\
        3mhi;1:u17;1:u17;1:u21;1:3mpi;1:u76;1:eur;1:u95;1:ucn;1:ude;1:uf2;1:ez2;1:3nsg;1:umq;1:uv4;1:v0d;1:f66;1\
        :f71;1:v3b;1:3owe;1:f7c;1:3oxx;1:3p5a;1:3p8x;1:vcr;1:f9y;1:veh;1:vem;1:vet;1:vf3;1:vfa;1:vgb;1:3pxc
        """

    /// Compatibility decompositions, one level.
    static let compatible: StaticString = """
        4g:w;8:w lk;2:2p;5:w lg;3:1e;1:1f;1:w ld;1:qk;3:w mf;1:1d;1:33;2:1d 6dg 1g;1:1d 6dg 1e;1:1f 6dg 1g;38:21\
        \u{20}22;1:2x 2y;c:24 53;1:30 53;9:jg 32;1i:37;1x:1w al;1:1w am;1:2s am;1:24 22;1:24 2y;1:30 2y;1:26 22;1:26\u{20}\
        2y;1:32 2y;11:1w 2i;1:1w 3e;1:2s 3e;59:2w;1:h2;1:2y;1:36;1:hl;1:hn;1:ht;1:3b;1:3d;w:w li;1:w lj;1:w lm;1\
        :w mg;1:w lf;1:w ln;3:gz;1:30;1:37;1:3c;1:id;46:w n9;a:w ld;24:qa;1:qg;1:px;3:qu;1:qo;q:qi;1:qp;1:qq;2:p\
        k;1:qd;4:pv;b2:12d 136;6m:17r 19w;1:18o 19w;1:1c7 19w;1:18q 19w;1iz:2tp 2sy;3k:2x9 2wi;15:2wb 2vt;1:2wb\u{20}\
        2w1;1b:2yz;2z:33m 329;2:33n 329;ar:3bw;2eo:1t;1:5i;1:1u;2:1w;1:1x;1:b2;1:1z;1:20;1:21;1:22;1:23;1:24;1:2\
        5;1:26;2:27;1:f6;1:28;1:2a;1:2c;1:2d;1:2f;1:2p;1:gg;1:gh;1:5qa;1:2q;1:2s;1:2t;1:gp;1:gr;1:gs;1:2v;2:2z;1\
        :31;1:97;1:33;1:gk;1:5qu;1:5qv;1:34;1:38;1:39;1:5r1;1:hb;1:3a;1:5r9;1:qa;1:qb;1:qc;1:qu;1:qv;1:2x;1:36;1\
        :39;1:3a;1:qa;1:qb;1:qp;1:qu;1:qv;e:u5;z:gi;1:2r;1:gl;1:6o;1:gs;1:2u;1:gv;1:gx;1:h1;1:h4;1:h5;1:h6;1:5tn\
        ;1:il;1:h9;1:5tx;1:in;1:hd;1:hc;1:he;1:hf;1:hg;1:hh;1:hk;1:hu;1:hv;1:bv;1:i1;1:i2;1:5r0;1:i3;1:i4;1:3e;1\
        :i8;1:i9;1:ia;1:qg;63:2p ji;83:w lv;2:w lv;1:w n6;1q:w lw;4:w;1:w;1:w;1:w;1:w;1:w;1:w;1:w;1:w;7:6c0;6:w\u{20}\
        mr;d:1a;1:1a 1a;1:1a 1a 1a;9:w;4:6cy 6cy;1:6cy 6cy 6cy;2:6d1 6d1;1:6d1 6d1 6d1;5:x x;2:w lh;9:1r 1r;1:1r\
        \u{20}x;1:x 1r;e:6cy 6cy 6cy 6cy;8:w;h:1c;1:2x;3:1g;1:1h;1:1i;1:1j;1:1k;1:1l;1:17;1:6qa;1:1p;1:14;1:15;1:32;1\
        :1c;1:1d;1:1e;1:1f;1:1g;1:1h;1:1i;1:1j;1:1k;1:1l;1:17;1:6qa;1:1p;1:14;1:15;2:2p;1:2t;1:33;1:3c;1:gp;1:2w\
        ;1:2z;1:30;1:31;1:32;1:34;1:37;1:38;c:2a 37;2g:2p 1b 2r;1:2p 1b 37;1:1v;1:4w 1v;2:2r 1b 33;1:2r 1b 39;1:\
        b4;2:4w 1y;1:2v;1:20;1:20;1:20;1:2w;1:87;1:21;1:21;1:24;1:30;2:26;1:26 33;3:28;1:29;1:2a;1:2a;1:2a;3:2b\u{20}\
        25;1:2c 1x 24;1:2c 25;2:2i;4:2i;4:1u;1:1v;2:2t;1:1x;1:1y;2:25;1:33;1:15c;1:15d;1:15e;1:15f;1:2x;2:1y 1t\u{20}\
        2g;1:qo;1:qb;1:pf;1:ps;1:6q9;5:1w;1:2s;1:2t;1:2x;1:2y;7:1d 6dg 1j;1:1d 6dg 1l;1:1d 6dg 1d 1c;1:1d 6dg 1f\
        ;1:1e 6dg 1f;1:1d 6dg 1h;1:1e 6dg 1h;1:1f 6dg 1h;1:1g 6dg 1h;1:1d 6dg 1i;1:1h 6dg 1i;1:1d 6dg 1k;1:1f 6d\
        g 1k;1:1h 6dg 1k;1:1j 6dg 1k;1:1d 6dg;1:21;1:21 21;1:21 21 21;1:21 2e;1:2e;1:2e 21;1:2e 21 21;1:2e 21 21\
        \u{20}21;1:21 2g;1:2g;1:2g 21;1:2g 21 21;1:24;1:1v;1:1w;1:25;1:2x;1:2x 2x;1:2x 2x 2x;1:2x 3a;1:3a;1:3a 2x;1:3\
        a 2x 2x;1:3a 2x 2x 2x;1:2x 3c;1:3c;1:3c 2x;1:3c 2x 2x;1:30;1:2r;1:2s;1:31;a:1c 6dg 1f;4j:6qz 6qz;1:6qz 6\
        qz 6qz;2:6r2 6r2;1:6r2 6r2 6r2;fk:1d;1:1e;1:1f;1:1g;1:1h;1:1i;1:1j;1:1k;1:1l;1:1d 1c;1:1d 1d;1:1d 1e;1:1\
        d 1f;1:1d 1g;1:1d 1h;1:1d 1i;1:1d 1j;1:1d 1k;1:1d 1l;1:1e 1c;1:14 1d 15;1:14 1e 15;1:14 1f 15;1:14 1g 15\
        ;1:14 1h 15;1:14 1i 15;1:14 1j 15;1:14 1k 15;1:14 1l 15;1:14 1d 1c 15;1:14 1d 1d 15;1:14 1d 1e 15;1:14 1\
        d 1f 15;1:14 1d 1g 15;1:14 1d 1h 15;1:14 1d 1i 15;1:14 1d 1j 15;1:14 1d 1k 15;1:14 1d 1l 15;1:14 1e 1c 1\
        5;1:1d 1a;1:1e 1a;1:1f 1a;1:1g 1a;1:1h 1a;1:1i 1a;1:1j 1a;1:1k 1a;1:1l 1a;1:1d 1c 1a;1:1d 1d 1a;1:1d 1e\u{20}\
        1a;1:1d 1f 1a;1:1d 1g 1a;1:1d 1h 1a;1:1d 1i 1a;1:1d 1j 1a;1:1d 1k 1a;1:1d 1l 1a;1:1e 1c 1a;1:14 2p 15;1:\
        14 2q 15;1:14 2r 15;1:14 2s 15;1:14 2t 15;1:14 2u 15;1:14 2v 15;1:14 2w 15;1:14 2x 15;1:14 2y 15;1:14 2z\
        \u{20}15;1:14 30 15;1:14 31 15;1:14 32 15;1:14 33 15;1:14 34 15;1:14 35 15;1:14 36 15;1:14 37 15;1:14 38 15;1\
        :14 39 15;1:14 3a 15;1:14 3b 15;1:14 3c 15;1:14 3d 15;1:14 3e 15;1:1t;1:1u;1:1v;1:1w;1:1x;1:1y;1:1z;1:20\
        ;1:21;1:22;1:23;1:24;1:25;1:26;1:27;1:28;1:29;1:2a;1:2b;1:2c;1:2d;1:2e;1:2f;1:2g;1:2h;1:2i;1:2p;1:2q;1:2\
        r;1:2s;1:2t;1:2u;1:2v;1:2w;1:2x;1:2y;1:2z;1:30;1:31;1:32;1:33;1:34;1:35;1:36;1:37;1:38;1:39;1:3a;1:3b;1:\
        3c;1:3d;1:3e;1:1c;10i:6qz 6qz 6qz 6qz;2w:1m 1m 1p;1:1p 1p;1:1p 1p 1p;ee:2y;1:2e;6q:8yp;8g:lal;2c:vj3;d:f\
        eo;1:ffs;1:fg6;1:fgf;1:fh5;1:fid;1:fik;1:fj4;1:fju;1:g1r;1:g2t;1:g2z;1:g3m;1:g46;1:g4r;1:g68;1:g6t;1:g74\
        ;1:gbf;1:ge1;1:get;1:gey;1:gfs;1:gg1;1:ggs;1:gh5;1:ghu;1:gja;1:gjs;1:gkj;1:h5j;1:h7j;1:hkb;1:hky;1:hl6;1\
        :hlh;1:hlz;1:ho3;1:i1c;1:i2o;1:i60;1:i6n;1:i76;1:i7s;1:i9a;1:i9d;1:ijf;1:ijp;1:ik1;1:ike;1:inm;1:inu;1:i\
        nz;1:ir8;1:iri;1:irv;1:is3;1:its;1:iu9;1:iur;1:iwz;1:jd4;1:jee;1:jez;1:jzj;1:jzo;1:k1z;1:k2f;1:k2s;1:k3d\
        ;1:k4g;1:k4l;1:kc0;1:kco;1:kdk;1:l5s;1:l7m;1:l89;1:l9v;1:laj;1:las;1:laz;1:lcf;1:lck;1:ldg;1:m7f;1:mju;1\
        :mk6;1:mkb;1:mkf;1:mkn;1:ml5;1:ml7;1:mng;1:mtg;1:mtl;1:n30;1:n3a;1:n4o;1:n4v;1:n54;1:n5c;1:n7v;1:n82;1:n\
        ee;1:nel;1:nfy;1:ngf;1:nhq;1:nob;1:noi;1:noz;1:ny2;1:o1k;1:o1q;1:o6s;1:o97;1:oah;1:okz;1:ooo;1:p4m;1:p5d\
        ;1:p6y;1:p8d;1:pa9;1:pak;1:paq;1:pbn;1:pdr;1:pe1;1:pnn;1:pnu;1:po3;1:poc;1:pos;1:pp7;1:ppb;1:pri;1:prm;1\
        :prs;1:qj1;1:qjv;1:qww;1:qx8;1:qxv;1:r5q;1:r63;1:r82;1:r9c;1:rp3;1:rpi;1:rpx;1:rqw;1:rrx;1:rxg;1:rxs;1:r\
        zn;1:s6j;1:s7e;1:sd7;1:sds;1:sdx;1:sk1;1:sp5;1:ssm;1:sss;1:ssx;1:tiv;1:tj4;1:tng;1:trq;1:trt;1:tt4;1:tw1\
        ;1:twe;1:twi;1:twp;1:tzf;1:u0d;1:u0j;1:u0x;1:u5k;1:u6z;1:u73;1:uc6;1:uc9;1:ucs;1:ujs;1:ul4;1:ulb;1:un9;1\
        :unj;1:unm;1:unw;1:uoq;1:uzp;1:vat;1:vb3;1:vc5;1:vcr;1:vcz;1:vd9;1:vdd;1:veh;1:vel;1:vf2;1:vf7;1:vfk;1:v\
        gb;1:vgq;1:vgy;1:vil;1:vj0;1:vj4;17:w;1i:9hu;2:gg1;1:gg4;1:gg5;2p:w 9ll;1:w 9lm;3:9l4 9l6;2o:9mb 9mw;1e:\
        3cw;1:3cx;1:3hm;1:3cy;1:3ho;1:3hp;1:3cz;1:3d0;1:3d1;1:3hs;1:3ht;1:3hu;1:3hv;1:3hw;1:3hx;1:3dm;1:3d2;1:3d\
        3;1:3d4;1:3dt;1:3d5;1:3d6;1:3d7;1:3d8;1:3d9;1:3da;1:3db;1:3dc;1:3dd;1:3de;1:3fl;1:3fm;1:3fn;1:3fo;1:3fp;\
        1:3fq;1:3fr;1:3fs;1:3ft;1:3fu;1:3fv;1:3fw;1:3fx;1:3fy;1:3fz;1:3g0;1:3g1;1:3g2;1:3g3;1:3g4;1:3g5;1:3fk;1:\
        3dg;1:3dh;1:3if;1:3ig;1:3ik;1:3im;1:3ir;1:3iv;1:3ix;1:3do;1:3j1;1:3j3;1:3dp;1:3dq;1:3ds;1:3du;1:3dv;1:3d\
        z;1:3e1;1:3e3;1:3e4;1:3e5;1:3e6;1:3e7;1:3ea;1:3ee;1:3eo;1:3ev;1:3f0;1:3jl;1:3jm;1:3fb;1:3fc;1:3fd;1:3gk;\
        1:3gl;1:3go;1:3gx;1:3gy;1:3h0;1:3ha;1:3hd;4:feo;1:fik;1:fex;1:h5n;1:fey;1:ffx;1:fez;1:n5e;1:fh5;1:ffd;1:\
        fep;1:hm1;1:h80;1:fju;2p:14 3cw 15;1:14 3cy 15;1:14 3cz 15;1:14 3d1 15;1:14 3d2 15;1:14 3d3 15;1:14 3d5\u{20}\
        15;1:14 3d7 15;1:14 3d8 15;1:14 3da 15;1:14 3db 15;1:14 3dc 15;1:14 3dd 15;1:14 3de 15;1:14 3cw 3fl 15;1\
        :14 3cy 3fl 15;1:14 3cz 3fl 15;1:14 3d1 3fl 15;1:14 3d2 3fl 15;1:14 3d3 3fl 15;1:14 3d5 3fl 15;1:14 3d7\u{20}\
        3fl 15;1:14 3d8 3fl 15;1:14 3da 3fl 15;1:14 3db 3fl 15;1:14 3dc 3fl 15;1:14 3dd 3fl 15;1:14 3de 3fl 15;1\
        :14 3d8 3fy 15;1:14 3d7 3ft 3d8 3fp 3hn 15;1:14 3d7 3ft 3de 3fy 15;2:14 feo 15;1:14 fik 15;1:14 fex 15;1\
        :14 h5n 15;1:14 fis 15;1:14 g31 15;1:14 fer 15;1:14 g2z 15;1:14 fh9 15;1:14 gg1 15;1:14 kco 15;1:14 m7f\u{20}\
        15;1:14 ldg 15;1:14 kdk 15;1:14 ssx 15;1:14 h7j 15;1:14 k4l 15;1:14 kkq 15;1:14 kcp 15;1:14 ny6 15;1:14\u{20}\
        glp 15;1:14 mm1 15;1:14 rs1 15;1:14 nz1 15;1:14 gc4 15;1:14 fkz 15;1:14 gos 15;1:14 i1y 15;1:14 nhf 15;1\
        :14 flt 15;1:14 rt3 15;1:14 ggk 15;1:14 nzh 15;1:14 fm9 15;1:14 pnu 15;1:14 po3 15;1:gun;1:inw;1:k1z;1:o\
        en;9:28 2c 1x;1:1e 1d;1:1e 1e;1:1e 1f;1:1e 1g;1:1e 1h;1:1e 1i;1:1e 1j;1:1e 1k;1:1e 1l;1:1f 1c;1:1f 1d;1:\
        1f 1e;1:1f 1f;1:1f 1g;1:1f 1h;1:3cw;1:3cy;1:3cz;1:3d1;1:3d2;1:3d3;1:3d5;1:3d7;1:3d8;1:3da;1:3db;1:3dc;1:\
        3dd;1:3de;1:3cw 3fl;1:3cy 3fl;1:3cz 3fl;1:3d1 3fl;1:3d2 3fl;1:3d3 3fl;1:3d5 3fl;1:3d7 3fl;1:3d8 3fl;1:3d\
        a 3fl;1:3db 3fl;1:3dc 3fl;1:3dd 3fl;1:3de 3fl;1:3da 3fl 3hz 3cw 3ft;1:3d8 3fy 3d7 3g4;1:3d7 3fy;2:feo;1:\
        fik;1:fex;1:h5n;1:fis;1:g31;1:fer;1:g2z;1:fh9;1:gg1;1:kco;1:m7f;1:ldg;1:kdk;1:ssx;1:h7j;1:k4l;1:kkq;1:kc\
        p;1:ny6;1:glp;1:mm1;1:rs1;1:nz1;1:gc4;1:o2g;1:n5j;1:ho3;1:six;1:g16;1:ghc;1:lig;1:u11;1:fm9;1:g49;1:l7n;\
        1:fey;1:ffx;1:fez;1:ijq;1:gkz;1:gfv;1:i3b;1:i1y;1:nhf;1:flt;1:rt3;1:ggk;1:hlo;1:1f 1i;1:1f 1j;1:1f 1k;1:\
        1f 1l;1:1g 1c;1:1g 1d;1:1g 1e;1:1g 1f;1:1g 1g;1:1g 1h;1:1g 1i;1:1g 1j;1:1g 1k;1:1g 1l;1:1h 1c;1:1d kco;1\
        :1e kco;1:1f kco;1:1g kco;1:1h kco;1:1i kco;1:1j kco;1:1k kco;1:1l kco;1:1d 1c kco;1:1d 1d kco;1:1d 1e k\
        co;1:20 2v;1:2t 36 2v;1:2t 2e;1:24 2c 1w;1:9lu;1:9lw;1:9ly;1:9m0;1:9m2;1:9m3;1:9m5;1:9m7;1:9m9;1:9mb;1:9\
        md;1:9mf;1:9mh;1:9mj;1:9ml;1:9mn;1:9mp;1:9ms;1:9mu;1:9mw;1:9my;1:9mz;1:9n0;1:9n1;1:9n2;1:9n3;1:9n6;1:9n9\
        ;1:9nc;1:9nf;1:9ni;1:9nj;1:9nk;1:9nl;1:9nm;1:9no;1:9nq;1:9ns;1:9nt;1:9nu;1:9nv;1:9nw;1:9nx;1:9nz;1:9o0;1\
        :9o1;1:9o2;2:9lu 9n5 9oc 9mw;1:9lu 9nv 9n9 9lt;1:9lu 9o3 9ne 9lu;1:9lu 9oc 9nv;1:9lw 9mz 9o3 9m8;1:9lw 9\
        o3 9mp;1:9ly 9m1 9o3;1:9m0 9mh 9m7 9oc 9mx;1:9m0 9oc 9m3 9oc;1:9m2 9o3 9mh;1:9m2 9oc 9nk;1:9m3 9lw 9nu;1\
        :9m3 9nt 9mr 9mw;1:9m3 9nx 9nu 9oc;1:9m4 9nx 9o3;1:9m4 9o3 9ni;1:9m6 9m4;1:9m6 9mz 9oc;1:9m5 9np 9nu 9oc\
        ;1:9m6 9nv 9mo 9oc;1:9m5 9nx;1:9m5 9nx 9m8 9nt 9nk;1:9m5 9nx 9nl 9oc 9mw 9nv;1:9m5 9nx 9nz 9mr 9mw;1:9m8\
        \u{20}9nt 9nk;1:9m8 9nt 9nk 9mw 9o3;1:9m7 9nv 9mk 9lw 9nx;1:9m7 9nx 9oc 9n1;1:9m9 9oc 9mh;1:9mb 9nv 9my;1:9mb\
        \u{20}9oc 9nh;1:9md 9lw 9m7 9nv;1:9md 9o3 9mp 9oc 9nk;1:9mf 9nu 9o3 9m8;1:9mj 9o3 9mp;1:9mj 9o3 9mw;1:9mo 9oc\
        \u{20}9mh;1:9mv 9mf;1:9mx 9nv;1:9mw 9o3;1:9my 9n2;1:9n2 9mr 9mw;1:9n3 9lw 9ms;1:9n5 9oc 9mj 9o3 9mw;1:9n5 9oc\
        \u{20}9ms;1:9n4 9oc 9nw 9nv;1:9n8 9lu 9mh 9mw 9nv;1:9n8 9m7 9nv;1:9n8 9mb;1:9n7 9nv;1:9n9 9lt 9nt 9mr 9mx;1:9\
        n9 9lv 9oc 9mw;1:9na 9mr 9mf 9lz 9nv;1:9n9 9nt 9o3;1:9nc 9m7 9mn 9oc 9nv;1:9ne 9ml;1:9ne 9mz 9n6;1:9nc 9\
        nv 9ms;1:9ne 9o3 9mh;1:9ne 9oc 9mg;1:9nd 9oc 9mn;1:9nh 9lw 9o3 9mw;1:9ng 9nv 9mw;1:9nf 9o3;1:9nh 9o3 9mx\
        ;1:9nf 9oc 9nv;1:9nf 9oc 9o3;1:9ni 9lw 9m7 9nx;1:9ni 9lw 9nv;1:9ni 9mr 9n3;1:9ni 9nv 9m7;1:9ni 9o3 9mf 9\
        nr 9o3;1:9nj 9m7 9nx 9o3;1:9nj 9nu;1:9nj 9nu 9n4 9oc 9nv;1:9nl 9m4;1:9nl 9m4 9mw 9o3;1:9nl 9oc 9mw 9nv;1\
        :9no 9oc 9mx;1:9no 9oc 9nv;1:9nq 9lu 9o3;1:9nu 9mr 9mw 9nv;1:9nu 9nt;1:9nv 9n8 9oc;1:9nv 9oc 9na 9nv;1:9\
        nw 9nk;1:9nw 9o3 9mw 9ma 9o3;1:9nz 9mr 9mw;1:1c m9l;1:1d m9l;1:1e m9l;1:1f m9l;1:1g m9l;1:1h m9l;1:1i m9\
        l;1:1j m9l;1:1k m9l;1:1l m9l;1:1d 1c m9l;1:1d 1d m9l;1:1d 1e m9l;1:1d 1f m9l;1:1d 1g m9l;1:1d 1h m9l;1:1\
        d 1i m9l;1:1d 1j m9l;1:1d 1k m9l;1:1d 1l m9l;1:1e 1c m9l;1:1e 1d m9l;1:1e 1e m9l;1:1e 1f m9l;1:1e 1g m9l\
        ;1:2w 28 2p;1:2s 2p;1:1t 2d;1:2q 2p 36;1:33 2e;1:34 2r;1:2s 31;1:2s 31 4y;1:2s 31 4z;1:21 2d;1:inn jdc;1\
        :k6l gp8;1:hlz l7n;1:k5q lh7;1:kkq irz fmi ny6;1:34 1t;1:32 1t;1:qk 1t;1:31 1t;1:2z 1t;1:23 1u;1:25 1u;1\
        :1z 1u;1:2r 2p 30;1:2z 2r 2p 30;1:34 1y;1:32 1y;1:qk 1y;1:qk 2v;1:31 2v;1:2z 2v;1:20 3e;1:2z 20 3e;1:25\u{20}\
        20 3e;1:1z 20 3e;1:2c 20 3e;1:qk 6j7;1:31 6j7;1:2s 6j7;1:2z 6j7;1:2u 31;1:32 31;1:qk 31;1:31 31;1:2r 31;\
        1:2z 31;1:31 31 4y;1:2r 31 4y;1:31 4y;1:2z 31 4y;1:31 31 4z;1:2r 31 4z;1:31 4z;1:2z 31 4z;1:31 6qd 37;1:\
        31 6qd 37 4y;1:28 2p;1:2z 28 2p;1:25 28 2p;1:1z 28 2p;1:36 2p 2s;1:36 2p 2s 6qd 37;1:36 2p 2s 6qd 37 4y;\
        1:34 37;1:32 37;1:qk 37;1:31 37;1:34 2e;1:32 2e;1:qk 2e;1:31 2e;1:2z 2e;1:25 2e;1:34 2f;1:32 2f;1:qk 2f;\
        1:31 2f;1:2z 2f;1:25 2f;1:2z q1;1:25 q1;1:2p 1a 31 1a;1:1u 35;1:2r 2r;1:2r 2s;1:1v 6qd 2z 2v;1:1v 33 1a;\
        1:2s 1u;1:1z 3d;1:2w 2p;1:20 28;1:2x 32;1:23 23;1:23 25;1:2z 38;1:30 31;1:30 32;1:30 33 2v;1:30 3c;1:31\u{20}\
        2q;1:31 2x 30;1:31 33 30;1:28 20;1:34 1a 31 1a;1:28 28 25;1:28 2a;1:37 36;1:2b 3a;1:2f 2q;1:2e 6qd 31;1:\
        1t 6qd 31;1:1d k4l;1:1e k4l;1:1f k4l;1:1g k4l;1:1h k4l;1:1i k4l;1:1j k4l;1:1k k4l;1:1l k4l;1:1d 1c k4l;1\
        :1d 1d k4l;1:1d 1e k4l;1:1d 1f k4l;1:1d 1g k4l;1:1d 1h k4l;1:1d 1i k4l;1:1d 1j k4l;1:1d 1k k4l;1:1d 1l k\
        4l;1:1e 1c k4l;1:1e 1d k4l;1:1e 1e k4l;1:1e 1f k4l;1:1e 1g k4l;1:1e 1h k4l;1:1e 1i k4l;1:1e 1j k4l;1:1e\u{20}\
        1k k4l;1:1e 1l k4l;1:1f 1c k4l;1:1f 1d k4l;1:2v 2p 30;mn1:ui;1:uk;5v:x2n;3s:86;1:9f;o3:x0n;1:xtj;1:h7;1:\
        xua;fq9:2u 2u;1:2u 2x;1:2u 30;1:2u 2u 2x;1:2u 2u 30;1:an 38;1:37 38;d:12s 12u;1:12s 12d;1:12s 12j;1:132\u{20}\
        12u;1:12s 12l;9:15u;1:15c;1:15f;1:15g;1:15n;1:15o;1:15p;1:160;1:162;1:17;12:15c 15o;1:19t;1:19t;1:1a3;1:\
        1a3;1:1a3;1:1a3;1:1a6;1:1a6;1:1a6;1:1a6;1:1a8;1:1a8;1:1a8;1:1a8;1:1a2;1:1a2;1:1a2;1:1a2;1:1a7;1:1a7;1:1a\
        7;1:1a7;1:1a1;1:1a1;1:1a1;1:1a1;1:1b8;1:1b8;1:1b8;1:1b8;1:1ba;1:1ba;1:1ba;1:1ba;1:1ac;1:1ac;1:1ac;1:1ac;\
        1:1ab;1:1ab;1:1ab;1:1ab;1:1ae;1:1ae;1:1ae;1:1ae;1:1af;1:1af;1:1af;1:1af;1:1al;1:1al;1:1ak;1:1ak;1:1am;1:\
        1am;1:1ag;1:1ag;1:1aw;1:1aw;1:1ap;1:1ap;1:1bd;1:1bd;1:1bd;1:1bd;1:1bj;1:1bj;1:1bj;1:1bj;1:1bn;1:1bn;1:1b\
        n;1:1bn;1:1bl;1:1bl;1:1bl;1:1bl;1:1bu;1:1bu;1:1bv;1:1bv;1:1bv;1:1bv;1:1c0;1:1c0;1:1c1;1:1c1;1:1c1;1:1c1;\
        1:1by;1:1by;1:1by;1:1by;1:1ci;1:1ci;1:1cj;1:1cj;y:1bh;1:1bh;1:1bh;1:1bh;1:1c7;1:1c7;1:1c6;1:1c6;1:1c8;1:\
        1c8;1:19z;1:1cb;1:1cb;1:1c5;1:1c5;1:1c9;1:1c9;1:1cg;1:1cg;1:1cg;1:1cg;1:18p;1:18p;1:17q 17r;1:17q 17r;1:\
        17q 1cl;1:17q 1cl;1:17q 18o;1:17q 18o;1:17q 1c7;1:17q 1c7;1:17q 1c6;1:17q 1c6;1:17q 1c8;1:17q 1c8;1:17q\u{20}\
        1cg;1:17q 1cg;1:17q 1cg;1:17q 18p;1:17q 18p;1:17q 18p;1:1cc;1:1cc;1:1cc;1:1cc;1:17q 17w;1:17q 17x;1:17q\u{20}\
        18l;1:17q 18p;1:17q 18q;1:17s 17w;1:17s 17x;1:17s 17y;1:17s 18l;1:17s 18p;1:17s 18q;1:17u 17w;1:17u 17x;\
        1:17u 17y;1:17u 18l;1:17u 18p;1:17u 18q;1:17v 17w;1:17v 18l;1:17v 18p;1:17v 18q;1:17w 17x;1:17w 18l;1:17\
        x 17w;1:17x 18l;1:17y 17w;1:17y 17x;1:17y 18l;1:183 17w;1:183 17x;1:183 17y;1:183 18l;1:185 17x;1:185 18\
        l;1:186 17w;1:186 17x;1:186 17y;1:186 18l;1:187 17x;1:187 18l;1:188 18l;1:189 17w;1:189 18l;1:18a 17w;1:\
        18a 18l;1:18h 17w;1:18h 17x;1:18h 17y;1:18h 18l;1:18h 18p;1:18h 18q;1:18i 17x;1:18i 18l;1:18i 18p;1:18i\u{20}\
        18q;1:18j 17r;1:18j 17w;1:18j 17x;1:18j 17y;1:18j 18k;1:18j 18l;1:18j 18p;1:18j 18q;1:18k 17w;1:18k 17x;\
        1:18k 17y;1:18k 18l;1:18k 18p;1:18k 18q;1:18l 17w;1:18l 17x;1:18l 17y;1:18l 18l;1:18l 18p;1:18l 18q;1:18\
        m 17w;1:18m 17x;1:18m 17y;1:18m 18l;1:18m 18p;1:18m 18q;1:18n 17w;1:18n 18l;1:18n 18p;1:18n 18q;1:18q 17\
        w;1:18q 17x;1:18q 17y;1:18q 18l;1:18q 18p;1:18q 18q;1:180 19s;1:181 19s;1:18p 19s;1:w 18s 18x;1:w 18t 18\
        x;1:w 18u 18x;1:w 18v 18x;1:w 18w 18x;1:w 18x 19s;1:17q 181;1:17q 182;1:17q 18l;1:17q 18m;1:17q 18p;1:17\
        q 18q;1:17s 181;1:17s 182;1:17s 18l;1:17s 18m;1:17s 18p;1:17s 18q;1:17u 181;1:17u 182;1:17u 18l;1:17u 18\
        m;1:17u 18p;1:17u 18q;1:17v 181;1:17v 182;1:17v 18l;1:17v 18m;1:17v 18p;1:17v 18q;1:18h 18p;1:18h 18q;1:\
        18i 18p;1:18i 18q;1:18j 17r;1:18j 18k;1:18j 18l;1:18j 18p;1:18j 18q;1:18k 18l;1:18k 18p;1:18k 18q;1:18l\u{20}\
        17r;1:18l 18l;1:18m 181;1:18m 182;1:18m 18l;1:18m 18m;1:18m 18p;1:18m 18q;1:18p 19s;1:18q 181;1:18q 182;\
        1:18q 18l;1:18q 18m;1:18q 18p;1:18q 18q;1:17q 17w;1:17q 17x;1:17q 17y;1:17q 18l;1:17q 18n;1:17s 17w;1:17\
        s 17x;1:17s 17y;1:17s 18l;1:17s 18n;1:17u 17w;1:17u 17x;1:17u 17y;1:17u 18l;1:17u 18n;1:17v 18l;1:17w 17\
        x;1:17w 18l;1:17x 17w;1:17x 18l;1:17y 17w;1:17y 18l;1:183 17w;1:183 17x;1:183 17y;1:183 18l;1:185 17x;1:\
        185 17y;1:185 18l;1:186 17w;1:186 17x;1:186 17y;1:186 18l;1:187 17x;1:188 18l;1:189 17w;1:189 18l;1:18a\u{20}\
        17w;1:18a 18l;1:18h 17w;1:18h 17x;1:18h 17y;1:18h 18l;1:18i 17x;1:18i 18l;1:18j 17w;1:18j 17x;1:18j 17y;\
        1:18j 18k;1:18j 18l;1:18k 17w;1:18k 17x;1:18k 17y;1:18k 18l;1:18k 18n;1:18l 17w;1:18l 17x;1:18l 17y;1:18\
        l 18l;1:18m 17w;1:18m 17x;1:18m 17y;1:18m 18l;1:18m 18n;1:18n 17w;1:18n 18l;1:18n 19s;1:18q 17w;1:18q 17\
        x;1:18q 17y;1:18q 18l;1:18q 18n;1:17q 18l;1:17q 18n;1:17s 18l;1:17s 18n;1:17u 18l;1:17u 18n;1:17v 18l;1:\
        17v 18n;1:183 18l;1:183 18n;1:184 18l;1:184 18n;1:18j 18k;1:18j 18l;1:18k 18l;1:18m 18l;1:18m 18n;1:18q\u{20}\
        18l;1:18q 18n;1:18g 18u 18x;1:18g 18v 18x;1:18g 18w 18x;1:187 18p;1:187 18q;1:189 18p;1:189 18q;1:18a 18\
        p;1:18a 18q;1:183 18p;1:183 18q;1:184 18p;1:184 18q;1:17x 18p;1:17x 18q;1:17w 18p;1:17w 18q;1:17y 18p;1:\
        17y 18q;1:185 18p;1:185 18q;1:186 18p;1:186 18q;1:184 17w;1:184 17x;1:184 17y;1:184 18l;1:184 181;1:183\u{20}\
        181;1:185 181;1:186 181;1:187 18p;1:187 18q;1:189 18p;1:189 18q;1:18a 18p;1:18a 18q;1:183 18p;1:183 18q;\
        1:184 18p;1:184 18q;1:17x 18p;1:17x 18q;1:17w 18p;1:17w 18q;1:17y 18p;1:17y 18q;1:185 18p;1:185 18q;1:18\
        6 18p;1:186 18q;1:184 17w;1:184 17x;1:184 17y;1:184 18l;1:184 181;1:183 181;1:185 181;1:186 181;1:184 17\
        w;1:184 17x;1:184 17y;1:184 18l;1:183 18n;1:184 18n;1:187 18l;1:183 17w;1:183 17x;1:183 17y;1:184 17w;1:\
        184 17x;1:184 17y;1:187 18l;1:188 18l;1:17r 18r;1:17r 18r;j:17u 17w 18l;1:17u 17x 17w;1:17u 17x 17w;1:17\
        u 17x 18l;1:17u 17y 18l;1:17u 18l 17w;1:17u 18l 17x;1:17u 18l 17y;1:17w 18l 17x;1:17w 18l 17x;1:17x 18l\u{20}\
        18q;1:17x 18l 18p;1:183 17x 17w;1:183 17w 17x;1:183 17w 18p;1:183 18l 17x;1:183 18l 17x;1:183 18l 17w;1:\
        183 18l 18l;1:183 18l 18l;1:185 17x 17x;1:185 17x 17x;1:185 18l 18l;1:184 17x 18l;1:184 17x 18l;1:184 17\
        w 18q;1:184 18l 17y;1:184 18l 17y;1:184 18l 18l;1:184 18l 18l;1:186 17x 18p;1:186 17y 18l;1:186 17y 18l;\
        1:187 18l 17x;1:187 18l 17x;1:187 18l 18l;1:187 18l 18q;1:189 17w 18l;1:189 18l 18l;1:189 18l 18l;1:189\u{20}\
        18l 18p;1:18a 18l 18l;1:18a 18l 18q;1:18a 18l 18p;1:18h 17y 18l;1:18h 17y 18l;1:18i 18l 17x;1:18i 18l 18\
        l;1:18k 17x 18l;1:18k 17x 18q;1:18k 17x 18p;1:18k 17w 17w;1:18k 17w 17w;1:18k 17y 18l;1:18k 17y 18l;1:18\
        k 18l 17x;1:18k 18l 17x;1:18l 17x 17w;1:18l 17x 18l;1:18l 17x 18q;1:18l 17w 17x;1:18l 17w 18l;1:18l 17y\u{20}\
        17w;1:18l 17y 18l;3:18l 17w 17y;1:18n 18l 17w;1:18n 18l 18l;1:18m 17x 18l;1:18m 17x 18p;1:18m 17w 18l;1:\
        18m 17w 18l;1:18m 17w 18p;1:18m 18l 18q;1:18m 18l 18p;1:18q 18l 18l;1:18q 18l 18l;1:17s 17y 18q;1:17u 17\
        w 18q;1:17u 17w 18p;1:17u 17y 18q;1:17u 17y 18p;1:17u 18l 18q;1:17u 18l 18p;1:17w 18l 18q;1:17w 17x 18p;\
        1:17w 18l 18p;1:183 17y 18p;1:185 17x 18q;1:184 17x 18q;1:186 17x 18q;1:18k 17w 18q;1:18k 18l 18q;1:18q\u{20}\
        17x 18q;1:18q 17w 18q;1:18q 18l 18q;1:18l 18l 18q;1:18i 18l 18q;1:18m 17x 18q;1:18i 18l 17x;1:18k 17x 18\
        l;1:189 18l 18q;1:18j 18l 18q;1:18m 17w 17x;1:18l 17y 18q;1:18k 17w 18l;1:18j 18l 18l;1:18k 17w 18l;1:18\
        m 17w 17x;1:17w 17x 18q;1:17x 17w 18q;1:18l 17w 18q;1:18h 18l 18q;1:17s 17x 18q;1:18j 18l 18l;1:189 17w\u{20}\
        18l;1:185 18l 18l;1:183 17y 18q;1:18m 17w 18q;15:185 18k 1ci;1:18i 18k 1ci;1:17r 18k 18k 18n;1:17r 18j 1\
        7s 181;1:18l 17x 18l 17z;1:185 18k 189 18l;1:181 183 18o 18k;1:189 18k 18q 18n;1:18o 183 18k 18l;1:185 1\
        8k 18p;1:185 18k 18p w 17r 18k 18k 18n w 189 18k 18q 18n w 18o 183 18k 18l;1:17w 18k w 17w 18k 17r 18k 1\
        8n;1:181 1cc 17r 18k;k:18;1:9hd;1:9he;1:1m;1:1n;1:x;1:1r;1:9hy;1:9hz;1:6cm;n:6cl;1:6c4;1:6c3;1:2n;1:2n;1\
        :14;1:15;1:3f;1:3h;1:9hw;1:9hx;1:9hs;1:9ht;1:9hm;1:9hn;1:9hk;1:9hl;1:9ho;1:9hp;1:9hq;1:9hr;3:2j;1:2l;1:6\
        da;1:6da;1:6da;1:6da;1:2n;1:2n;1:2n;1:18;1:9hd;1:1a;2:1n;1:1m;1:1r;1:x;1:6c4;1:14;1:15;1:3f;1:3h;1:9hw;1\
        :9hx;1:z;1:12;1:16;1:17;1:19;1:1o;1:1q;1:1p;2:2k;1:10;1:11;1:1s;5:w 18r;1:18g 18r;1:w 18s;2:w 18t;2:w 18\
        u;1:18g 18u;1:w 18v;1:18g 18v;1:w 18w;1:18g 18w;1:w 18x;1:18g 18x;1:w 18y;1:18g 18y;1:17l;1:17m;1:17m;1:\
        17n;1:17n;1:17o;1:17o;1:17p;1:17p;1:17q;1:17q;1:17q;1:17q;1:17r;1:17r;1:17s;1:17s;1:17s;1:17s;1:17t;1:17\
        t;1:17u;1:17u;1:17u;1:17u;1:17v;1:17v;1:17v;1:17v;1:17w;1:17w;1:17w;1:17w;1:17x;1:17x;1:17x;1:17x;1:17y;\
        1:17y;1:17y;1:17y;1:17z;1:17z;1:180;1:180;1:181;1:181;1:182;1:182;1:183;1:183;1:183;1:183;1:184;1:184;1:\
        184;1:184;1:185;1:185;1:185;1:185;1:186;1:186;1:186;1:186;1:187;1:187;1:187;1:187;1:188;1:188;1:188;1:18\
        8;1:189;1:189;1:189;1:189;1:18a;1:18a;1:18a;1:18a;1:18h;1:18h;1:18h;1:18h;1:18i;1:18i;1:18i;1:18i;1:18j;\
        1:18j;1:18j;1:18j;1:18k;1:18k;1:18k;1:18k;1:18l;1:18l;1:18l;1:18l;1:18m;1:18m;1:18m;1:18m;1:18n;1:18n;1:\
        18n;1:18n;1:18o;1:18o;1:18p;1:18p;1:18q;1:18q;1:18q;1:18q;1:18k 17m;1:18k 17m;1:18k 17n;1:18k 17n;1:18k\u{20}\
        17p;1:18k 17p;1:18k 17r;1:18k 17r;5:x;1:y;1:z;1:10;1:11;1:12;1:13;1:14;1:15;1:16;1:17;1:18;1:19;1:1a;1:1\
        b;1:1c;1:1d;1:1e;1:1f;1:1g;1:1h;1:1i;1:1j;1:1k;1:1l;1:1m;1:1n;1:1o;1:1p;1:1q;1:1r;1:1s;1:1t;1:1u;1:1v;1:\
        1w;1:1x;1:1y;1:1z;1:20;1:21;1:22;1:23;1:24;1:25;1:26;1:27;1:28;1:29;1:2a;1:2b;1:2c;1:2d;1:2e;1:2f;1:2g;1\
        :2h;1:2i;1:2j;1:2k;1:2l;1:2m;1:2n;1:2o;1:2p;1:2q;1:2r;1:2s;1:2t;1:2u;1:2v;1:2w;1:2x;1:2y;1:2z;1:30;1:31;\
        1:32;1:33;1:34;1:35;1:36;1:37;1:38;1:39;1:3a;1:3b;1:3c;1:3d;1:3e;1:3f;1:3g;1:3h;1:3i;1:879;1:87a;1:9he;1\
        :9ho;1:9hp;1:9hd;1:9ob;1:9o2;1:9lt;1:9lv;1:9lx;1:9lz;1:9m1;1:9nn;1:9np;1:9nr;1:9mr;1:9oc;1:9lu;1:9lw;1:9\
        ly;1:9m0;1:9m2;1:9m3;1:9m5;1:9m7;1:9m9;1:9mb;1:9md;1:9mf;1:9mh;1:9mj;1:9ml;1:9mn;1:9mp;1:9ms;1:9mu;1:9mw\
        ;1:9my;1:9mz;1:9n0;1:9n1;1:9n2;1:9n3;1:9n6;1:9n9;1:9nc;1:9nf;1:9ni;1:9nj;1:9nk;1:9nl;1:9nm;1:9no;1:9nq;1\
        :9ns;1:9nt;1:9nu;1:9nv;1:9nw;1:9nx;1:9nz;1:9o3;1:9ll;1:9lm;1:9r8;1:9pt;1:9pu;1:9pv;1:9pw;1:9px;1:9py;1:9\
        pz;1:9q0;1:9q1;1:9q2;1:9q3;1:9q4;1:9q5;1:9q6;1:9q7;1:9q8;1:9q9;1:9qa;1:9qb;1:9qc;1:9qd;1:9qe;1:9qf;1:9qg\
        ;1:9qh;1:9qi;1:9qj;1:9qk;1:9ql;1:9qm;4:9qn;1:9qo;1:9qp;1:9qq;1:9qr;1:9qs;3:9qt;1:9qu;1:9qv;1:9qw;1:9qx;1\
        :9qy;3:9qz;1:9r0;1:9r1;1:9r2;1:9r3;1:9r4;3:9r5;1:9r6;1:9r7;4:4i;1:4j;1:4s;1:4v;1:4m;1:4l;1:6g9;2:7b6;1:6\
        mo;1:6mp;1:6mq;1:6mr;1:7fk;1:7gr;15w2:1t;1:1u;1:1v;1:1w;1:1x;1:1y;1:1z;1:20;1:21;1:22;1:23;1:24;1:25;1:2\
        6;1:27;1:28;1:29;1:2a;1:2b;1:2c;1:2d;1:2e;1:2f;1:2g;1:2h;1:2i;1:2p;1:2q;1:2r;1:2s;1:2t;1:2u;1:2v;1:2w;1:\
        2x;1:2y;1:2z;1:30;1:31;1:32;1:33;1:34;1:35;1:36;1:37;1:38;1:39;1:3a;1:3b;1:3c;1:3d;1:3e;1:1t;1:1u;1:1v;1\
        :1w;1:1x;1:1y;1:1z;1:20;1:21;1:22;1:23;1:24;1:25;1:26;1:27;1:28;1:29;1:2a;1:2b;1:2c;1:2d;1:2e;1:2f;1:2g;\
        1:2h;1:2i;1:2p;1:2q;1:2r;1:2s;1:2t;1:2u;1:2v;2:2x;1:2y;1:2z;1:30;1:31;1:32;1:33;1:34;1:35;1:36;1:37;1:38\
        ;1:39;1:3a;1:3b;1:3c;1:3d;1:3e;1:1t;1:1u;1:1v;1:1w;1:1x;1:1y;1:1z;1:20;1:21;1:22;1:23;1:24;1:25;1:26;1:2\
        7;1:28;1:29;1:2a;1:2b;1:2c;1:2d;1:2e;1:2f;1:2g;1:2h;1:2i;1:2p;1:2q;1:2r;1:2s;1:2t;1:2u;1:2v;1:2w;1:2x;1:\
        2y;1:2z;1:30;1:31;1:32;1:33;1:34;1:35;1:36;1:37;1:38;1:39;1:3a;1:3b;1:3c;1:3d;1:3e;1:1t;2:1v;1:1w;3:1z;3\
        :22;1:23;3:26;1:27;1:28;1:29;2:2b;1:2c;1:2d;1:2e;1:2f;1:2g;1:2h;1:2i;1:2p;1:2q;1:2r;1:2s;2:2u;2:2w;1:2x;\
        1:2y;1:2z;1:30;1:31;1:32;2:34;1:35;1:36;1:37;1:38;1:39;1:3a;1:3b;1:3c;1:3d;1:3e;1:1t;1:1u;1:1v;1:1w;1:1x\
        ;1:1y;1:1z;1:20;1:21;1:22;1:23;1:24;1:25;1:26;1:27;1:28;1:29;1:2a;1:2b;1:2c;1:2d;1:2e;1:2f;1:2g;1:2h;1:2\
        i;1:2p;1:2q;1:2r;1:2s;1:2t;1:2u;1:2v;1:2w;1:2x;1:2y;1:2z;1:30;1:31;1:32;1:33;1:34;1:35;1:36;1:37;1:38;1:\
        39;1:3a;1:3b;1:3c;1:3d;1:3e;1:1t;1:1u;2:1w;1:1x;1:1y;1:1z;3:22;1:23;1:24;1:25;1:26;1:27;1:28;1:29;2:2b;1\
        :2c;1:2d;1:2e;1:2f;1:2g;1:2h;2:2p;1:2q;1:2r;1:2s;1:2t;1:2u;1:2v;1:2w;1:2x;1:2y;1:2z;1:30;1:31;1:32;1:33;\
        1:34;1:35;1:36;1:37;1:38;1:39;1:3a;1:3b;1:3c;1:3d;1:3e;1:1t;1:1u;2:1w;1:1x;1:1y;1:1z;2:21;1:22;1:23;1:24\
        ;1:25;2:27;4:2b;1:2c;1:2d;1:2e;1:2f;1:2g;1:2h;2:2p;1:2q;1:2r;1:2s;1:2t;1:2u;1:2v;1:2w;1:2x;1:2y;1:2z;1:3\
        0;1:31;1:32;1:33;1:34;1:35;1:36;1:37;1:38;1:39;1:3a;1:3b;1:3c;1:3d;1:3e;1:1t;1:1u;1:1v;1:1w;1:1x;1:1y;1:\
        1z;1:20;1:21;1:22;1:23;1:24;1:25;1:26;1:27;1:28;1:29;1:2a;1:2b;1:2c;1:2d;1:2e;1:2f;1:2g;1:2h;1:2i;1:2p;1\
        :2q;1:2r;1:2s;1:2t;1:2u;1:2v;1:2w;1:2x;1:2y;1:2z;1:30;1:31;1:32;1:33;1:34;1:35;1:36;1:37;1:38;1:39;1:3a;\
        1:3b;1:3c;1:3d;1:3e;1:1t;1:1u;1:1v;1:1w;1:1x;1:1y;1:1z;1:20;1:21;1:22;1:23;1:24;1:25;1:26;1:27;1:28;1:29\
        ;1:2a;1:2b;1:2c;1:2d;1:2e;1:2f;1:2g;1:2h;1:2i;1:2p;1:2q;1:2r;1:2s;1:2t;1:2u;1:2v;1:2w;1:2x;1:2y;1:2z;1:3\
        0;1:31;1:32;1:33;1:34;1:35;1:36;1:37;1:38;1:39;1:3a;1:3b;1:3c;1:3d;1:3e;1:1t;1:1u;1:1v;1:1w;1:1x;1:1y;1:\
        1z;1:20;1:21;1:22;1:23;1:24;1:25;1:26;1:27;1:28;1:29;1:2a;1:2b;1:2c;1:2d;1:2e;1:2f;1:2g;1:2h;1:2i;1:2p;1\
        :2q;1:2r;1:2s;1:2t;1:2u;1:2v;1:2w;1:2x;1:2y;1:2z;1:30;1:31;1:32;1:33;1:34;1:35;1:36;1:37;1:38;1:39;1:3a;\
        1:3b;1:3c;1:3d;1:3e;1:1t;1:1u;1:1v;1:1w;1:1x;1:1y;1:1z;1:20;1:21;1:22;1:23;1:24;1:25;1:26;1:27;1:28;1:29\
        ;1:2a;1:2b;1:2c;1:2d;1:2e;1:2f;1:2g;1:2h;1:2i;1:2p;1:2q;1:2r;1:2s;1:2t;1:2u;1:2v;1:2w;1:2x;1:2y;1:2z;1:3\
        0;1:31;1:32;1:33;1:34;1:35;1:36;1:37;1:38;1:39;1:3a;1:3b;1:3c;1:3d;1:3e;1:1t;1:1u;1:1v;1:1w;1:1x;1:1y;1:\
        1z;1:20;1:21;1:22;1:23;1:24;1:25;1:26;1:27;1:28;1:29;1:2a;1:2b;1:2c;1:2d;1:2e;1:2f;1:2g;1:2h;1:2i;1:2p;1\
        :2q;1:2r;1:2s;1:2t;1:2u;1:2v;1:2w;1:2x;1:2y;1:2z;1:30;1:31;1:32;1:33;1:34;1:35;1:36;1:37;1:38;1:39;1:3a;\
        1:3b;1:3c;1:3d;1:3e;1:1t;1:1u;1:1v;1:1w;1:1x;1:1y;1:1z;1:20;1:21;1:22;1:23;1:24;1:25;1:26;1:27;1:28;1:29\
        ;1:2a;1:2b;1:2c;1:2d;1:2e;1:2f;1:2g;1:2h;1:2i;1:2p;1:2q;1:2r;1:2s;1:2t;1:2u;1:2v;1:2w;1:2x;1:2y;1:2z;1:3\
        0;1:31;1:32;1:33;1:34;1:35;1:36;1:37;1:38;1:39;1:3a;1:3b;1:3c;1:3d;1:3e;1:8h;1:fr;3:pd;1:pe;1:pf;1:pg;1:\
        ph;1:pi;1:pj;1:pk;1:pl;1:pm;1:pn;1:po;1:pp;1:pq;1:pr;1:ps;1:pt;1:s4;1:pv;1:pw;1:px;1:py;1:pz;1:q0;1:q1;1\
        :6pz;1:q9;1:qa;1:qb;1:qc;1:qd;1:qe;1:qf;1:qg;1:qh;1:qi;1:qj;1:qk;1:ql;1:qm;1:qn;1:qo;1:qp;1:qq;1:qr;1:qs\
        ;1:qt;1:qu;1:qv;1:qw;1:qx;1:6pu;1:s5;1:r5;1:s0;1:r9;1:s1;1:ra;1:pd;1:pe;1:pf;1:pg;1:ph;1:pi;1:pj;1:pk;1:\
        pl;1:pm;1:pn;1:po;1:pp;1:pq;1:pr;1:ps;1:pt;1:s4;1:pv;1:pw;1:px;1:py;1:pz;1:q0;1:q1;1:6pz;1:q9;1:qa;1:qb;\
        1:qc;1:qd;1:qe;1:qf;1:qg;1:qh;1:qi;1:qj;1:qk;1:ql;1:qm;1:qn;1:qo;1:qp;1:qq;1:qr;1:qs;1:qt;1:qu;1:qv;1:qw\
        ;1:qx;1:6pu;1:s5;1:r5;1:s0;1:r9;1:s1;1:ra;1:pd;1:pe;1:pf;1:pg;1:ph;1:pi;1:pj;1:pk;1:pl;1:pm;1:pn;1:po;1:\
        pp;1:pq;1:pr;1:ps;1:pt;1:s4;1:pv;1:pw;1:px;1:py;1:pz;1:q0;1:q1;1:6pz;1:q9;1:qa;1:qb;1:qc;1:qd;1:qe;1:qf;\
        1:qg;1:qh;1:qi;1:qj;1:qk;1:ql;1:qm;1:qn;1:qo;1:qp;1:qq;1:qr;1:qs;1:qt;1:qu;1:qv;1:qw;1:qx;1:6pu;1:s5;1:r\
        5;1:s0;1:r9;1:s1;1:ra;1:pd;1:pe;1:pf;1:pg;1:ph;1:pi;1:pj;1:pk;1:pl;1:pm;1:pn;1:po;1:pp;1:pq;1:pr;1:ps;1:\
        pt;1:s4;1:pv;1:pw;1:px;1:py;1:pz;1:q0;1:q1;1:6pz;1:q9;1:qa;1:qb;1:qc;1:qd;1:qe;1:qf;1:qg;1:qh;1:qi;1:qj;\
        1:qk;1:ql;1:qm;1:qn;1:qo;1:qp;1:qq;1:qr;1:qs;1:qt;1:qu;1:qv;1:qw;1:qx;1:6pu;1:s5;1:r5;1:s0;1:r9;1:s1;1:r\
        a;1:pd;1:pe;1:pf;1:pg;1:ph;1:pi;1:pj;1:pk;1:pl;1:pm;1:pn;1:po;1:pp;1:pq;1:pr;1:ps;1:pt;1:s4;1:pv;1:pw;1:\
        px;1:py;1:pz;1:q0;1:q1;1:6pz;1:q9;1:qa;1:qb;1:qc;1:qd;1:qe;1:qf;1:qg;1:qh;1:qi;1:qj;1:qk;1:ql;1:qm;1:qn;\
        1:qo;1:qp;1:qq;1:qr;1:qs;1:qt;1:qu;1:qv;1:qw;1:qx;1:6pu;1:s5;1:r5;1:s0;1:r9;1:s1;1:ra;1:rg;1:rh;3:1c;1:1\
        d;1:1e;1:1f;1:1g;1:1h;1:1i;1:1j;1:1k;1:1l;1:1c;1:1d;1:1e;1:1f;1:1g;1:1h;1:1i;1:1j;1:1k;1:1l;1:1c;1:1d;1:\
        1e;1:1f;1:1g;1:1h;1:1i;1:1j;1:1k;1:1l;1:1c;1:1d;1:1e;1:1f;1:1g;1:1h;1:1i;1:1j;1:1k;1:1l;1:1c;1:1d;1:1e;1\
        :1f;1:1g;1:1h;1:1i;1:1j;1:1k;1:1l;4ch:17r;1:17s;1:17w;1:17z;2:18o;1:182;1:17x;1:187;1:18q;1:18j;1:18k;1:\
        18l;1:18m;1:183;1:189;1:18h;1:185;1:18i;1:181;1:184;1:17u;1:17v;1:17y;1:180;1:186;1:188;1:18a;1:19q;1:1b\
        u;1:1b5;1:19r;2:17s;1:17w;2:18n;3:17x;2:18q;1:18j;1:18k;1:18l;1:18m;1:183;1:189;1:18h;1:185;1:18i;2:184;\
        1:17u;1:17v;1:17y;2:186;2:18a;7:17w;5:17x;2:18q;2:18k;2:18m;1:183;1:189;2:185;1:18i;2:184;3:17y;2:186;2:\
        18a;2:1bu;2:19r;2:17s;1:17w;2:18n;3:17x;1:187;1:18q;1:18j;2:18l;1:18m;1:183;1:189;1:18h;1:185;1:18i;2:18\
        4;1:17u;1:17v;1:17y;2:186;1:188;1:18a;1:19q;2:1b5;2:17r;1:17s;1:17w;1:17z;1:18n;1:18o;1:182;1:17x;1:187;\
        1:18q;2:18k;1:18l;1:18m;1:183;1:189;1:18h;1:185;1:18i;1:181;1:184;1:17u;1:17v;1:17y;1:180;1:186;1:188;1:\
        18a;6:17s;1:17w;1:17z;2:18o;1:182;1:17x;1:187;1:18q;2:18k;1:18l;1:18m;1:183;1:189;1:18h;1:185;1:18i;1:18\
        1;1:184;1:17u;1:17v;1:17y;1:180;1:186;1:188;1:18a;g5:1c 1a;1:1c 18;1:1d 18;1:1e 18;1:1f 18;1:1g 18;1:1h\u{20}\
        18;1:1i 18;1:1j 18;1:1k 18;1:1l 18;6:14 1t 15;1:14 1u 15;1:14 1v 15;1:14 1w 15;1:14 1x 15;1:14 1y 15;1:1\
        4 1z 15;1:14 20 15;1:14 21 15;1:14 22 15;1:14 23 15;1:14 24 15;1:14 25 15;1:14 26 15;1:14 27 15;1:14 28\u{20}\
        15;1:14 29 15;1:14 2a 15;1:14 2b 15;1:14 2c 15;1:14 2d 15;1:14 2e 15;1:14 2f 15;1:14 2g 15;1:14 2h 15;1:\
        14 2i 15;1:9hw 2b 9hx;1:1v;1:2a;1:1v 1w;1:2f 2i;2:1t;1:1u;1:1v;1:1w;1:1x;1:1y;1:1z;1:20;1:21;1:22;1:23;1\
        :24;1:25;1:26;1:27;1:28;1:29;1:2a;1:2b;1:2c;1:2d;1:2e;1:2f;1:2g;1:2h;1:2i;1:20 2e;1:25 2e;1:2b 1w;1:2b 2\
        b;1:28 28 2e;1:2f 1v;r:25 1v;1:25 1w;11:1w 22;34:9kr 9jf;1:9mb 9mb;1:9md;e:jez;1:i1j;1:gjw;1:9mv;1:fik;1\
        :hlm;1:r8j;1:hm1;1:fj8;1:k68;1:mch;1:k2h;1:g99;1:ivg;1:g3x;1:k34;1:g7x;1:oqq;1:n4v;1:rs9;1:hkg;1:gmx;1:l\
        xw;1:jh1;1:jmd;1:feo;1:fex;1:si2;1:ijq;1:ffx;1:gkz;1:jk7;1:rxs;1:jf7;1:o01;1:o6y;1:glk;1:lts;1:kcp;1:kco\
        ;1:n5f;1:gaa;1:gxi;1:sp9;5:9hw kdo 9hx;1:9hw fex 9hx;1:9hw fik 9hx;1:9hw i2x 9hx;1:9hw m9l 9hx;1:9hw jf7\
        \u{20}9hx;1:9hw nh3 9hx;1:9hw gd9 9hx;1:9hw k0n 9hx;8:ivr;1:gkv
        """

    /// Pairs that are never composed.
    static let excluded: StaticString = """
        n8 1 177 8 3g 2 1 1 2b 1 2 1 y 3 2 1 71 2 rp 1 9 1 4 1 4 1 4 1 c 1 9 1 1 2 1 1 8 1 h 1 9 1 4 1 4 1 4 1 c\
        \u{20}1 5cy 1 154w 1 1 1 a d 1 5 1 1 1 2 1 2 1 9 16a7 7 2e 6
        """

    /// Canonical combining classes other than 0.
    static let combiningClasses: StaticString = """
        1=ms 5 523 1 d 7 rt 2 4 3 a 2 3 2 1a31 1 j3q 5 g4p 1 43s 3;7=1to 1 3j 1 3j 1 3j 1 3j 1 an 1 oq 1 264 1 4\
        x 1 28 1 ry3 1 kcm 1 54 1 2e 1 2z 1 4y 1 2a 1 7d 1 3g 1 70 1 6u 1 15le 1;8=9ll 2;9=1u5 1 3j 1 3j 1 3j 1\u{20}\
        3j 1 3j 1 3j 1 3j 1 3j 1 3g 1 33 1 95 1 50 2 1cp 1 v 1 4d 1 i5 1 6b 1 2t 2 1y 2 3gr 1 o7a 1 59 1 3y 1 30\
        \u{20}1 8l 1 6u 1 imp 1 16u 1 1k 1 1l 1 3d 2 3v 1 38 1 50 1 2q 1 6s 1 3j 1 70 1 3j 1 3a 1 38 1 103 1;10=14g 1\
        ;11=14h 1;12=14i 1;13=14j 1;14=14k 1;15=14l 1;16=14m 1;17=14n 1;18=14o 1 e 1;19=14p 2;20=14r 1;21=14s 1;\
        22=14t 1;23=14v 1;24=14x 1;25=14y 1;26=1dlq 1;27=18r 1 is 1;28=18s 1 is 1;29=18t 1 is 1;30=17c 1 1h 1;31\
        =17d 1 1h 1;32=17e 1 1h 1;33=18x 1;34=18y 1;35=19s 1;36=1e9 1;84=2fp 1;91=2fq 1;103=2t4 2;107=2tk 4;118=\
        2wo 2;122=2x4 4;129=31t 1;130=31u 1 7 4 2 1;132=31w 1;202=m9 2 4 2 59j 1;214=5vy 1;216=m3 1 2e5 1 2gx7 2\
        \u{20}7 5;218=9ii 1;220=ly 4 2 5 2 4 2 b 5 4 a 3 3 2 4 4 2 2 fq 1 4 1 4 1 6 6 2 1 q 1 3z 2 5 1 2 1 3n 1 6 1 2\
        \u{20}1 1v 1 2 1 2 3 1 2 1 1 3 1 1 1 1 1 1 1 4p 1 2u 3 3r 1 2 1 2 1 3 3 6 1 2 2 2f 1 151 2 r 1 1 1 3y 1 5i 1\u{20}\
        1pp 1 64 1 2u 1 1h 6 2 1 4u 1 a0 5 2 4 d 1 5w 1 7 1 4 1 19 1 1 1 ko 1 3 4 qwr 3 au 1 ghe 7 r3 1 6a 1 1f0\
        \u{20}1 18 1 4r 1 1384 8 7 2 4lg 7;222=13u 1 i 1 3uz 1 4j7 1;224=9im 2;226=2jxp 1;228=14e 1 3qy 1 4n5 1;230=l\
        c l 14 8 1 1 3 3 3 3 4 1 3 1 7 d 7n 5 7e 4 1 3 2 6 6 2 1 2 2 1 k 1 23 8 1n 2 2 5 1 2 3b 7 2 4 1 1 2 2 2\u{20}\
        2 1v 1 1 2 1 2 3 1 2 1 1 3 1 1 1 1 1 1 1 2 4g 7 1 1 y 4 1 9 1 3 1 5 4m e 2 2 1 2 1 3 6 3 1 2 2 5 29 1 1\u{20}\
        2 17x 2 2 2 r9 3 vx 1 9o 1 64 1 2l 8 1f 5 6 2 4u 1 1 7 9o 3 7 2 4 1 j 1 3 2 5i 2 1 7 1 2 4 11 5 1 2 1 k1\
        \u{20}2 2 4 3 2 4 1 5 1 1 1 6 1 2da 3 6m w nsf 1 4 a w 2 28 2 dq i ce 1 1 2 3 2 5 2 1 1 ggu 7 7 2 11i 5 1as 1\
        \u{20}14 1 4s 1 17e 3 gz 7 3 5 hbv 7 k7i 5 w 4 44 3 2pn 7 1 h 2 7 1 2 1 5 1sp 6;232=lx 1 4 1 1p 1 8ur 1;233=n\
        w 1 2 1 2 1 595 1;234=nx 2 1 2 57v 1;240=n9 1
        """
}
