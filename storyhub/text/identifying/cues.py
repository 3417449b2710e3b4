"""The words beside which names, places and workplaces stand, for each language that is looked through (folded)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ABBREVIATED", "CUES", "LITTLE", "NEVER", "SPEAKS", "Cues"]


@dataclass(frozen=True)
class Cues:
    """One language's words."""

    introduces: str  # a pattern: a name follows, whatever it looks like
    is_called: str  # a pattern: a name follows, if it looks like one
    titles: frozenset[str]  # a name follows
    kin: frozenset[str]  # a name may follow
    says: frozenset[str]  # before it stands who says it
    place_before: frozenset[str]  # "in": what follows is a place, when it looks like one
    place_perhaps: frozenset[str]  # "from", "to": a place or a person
    place_heads: frozenset[str]  # "village (of)": what follows is a place
    place_tails: frozenset[str]  # "Street", "Park": what stands before is a place
    work_heads: frozenset[str]  # "colegio": what follows is its name
    work_tails: frozenset[str]  # "Hospital": what stands before is its name
    only: str  # a pattern: "the only woman who ..."
    works_at: str  # a pattern: an employer or a school follows
    function: frozenset[str]  # little words, which are nobody's name however they are written


def _w(words: str) -> frozenset[str]:
    return frozenset(words.split())


CUES = {
    "en": Cues(
        introduces=r"\b(?:my (?:\w+ )?name(?: is|'s|s)|(?:his|her|their) (?:\w+ )?name (?:is|was)|(?:his|her)'?s? name's|i am called|i'm called|they call me|people call me|"
        r"everyone calls me|everybody calls me|call me|goes by|go by|went by|name:|known as|named after) (?!not\b|so\b|a\b|the\b|on\b|in\b|to\b|and\b|all\b|my\b|him\b|every\b|names\b|back\b|when\b|if\b|only\b|at\b|like\b)",
        is_called=r"\b(?:called|named|name is|nicknamed|i am|i'm|im|this is|it's|it was|hi|hello|hey|dear|thank you|thanks|love|by|with|and|told|ask(?:ed)?|met|saw|tell|call) ",
        titles=_w("mr mrs ms miss mister dr doctor prof professor officer constable inspector detective sergeant captain judge nurse pastor "
                  "father rev reverend bishop imam sheikh rabbi sister brother coach sir madam principal lieutenant colonel major "
                  "sgt capt det pc chief alhaji alhaja baba mama mallam mzee superintendent headmaster headmistress supervisor cr dci"),
        kin=_w("uncle aunt auntie aunty cousin brother sister mother father mum mom dad husband wife son daughter boyfriend girlfriend "
               "friend neighbour neighbor boss manager teacher niece nephew partner ex stepfather stepdad stepmother grandfather grandmother "
               "grandma grandpa granny nana fiance colleague classmate coworker supervisor roommate flatmate landlord driver stepbrother "
               "bf gf therapist lawyer guy man boy girl woman maid student tutor named caseworker solicitor midwife counsellor counselor"),
        says=_w("said says told asked tells asks came went took started was is has had did does will would kept keeps grabbed hit touched pushed "
                "called shouted laughed smiled left never always from here works worked lives lived died knew knows wrote texted messaged "
                "raped beat hurt helped saved believed and or held didi bhaiya ji bhai aunty uncle auntie akka anna"),
        place_before=_w("in at near around outside inside through across into towards toward leaving visiting reached reach"),
        place_perhaps=_w("from to of for between and via past by behind off on along"),
        place_heads=_w("village town city suburb neighbourhood neighborhood district county area township region"),
        place_tails=_w("street road avenue lane drive park square station market village town bridge beach mall bazaar nagar chowk hills "
                       "terminal airport island hill valley heights parade junction estate stop stage barangay county district slum metro "
                       "colony layout gardens quarter common green bypass highway roundabout centre depot flyover terminus close"),
        work_heads=_w("university college school church hospital institute ministry"),
        work_tails=_w("hospital school college university academy church chapel clinic ltd limited inc llc plc logistics hotel restaurant "
                      "company corporation bank supermarket agency institute polytechnic surgery orphanage seminary mosque temple parish cathedral "
                      "foods foundation industries enterprises solutions systems services textiles motors bakery cafe salon gym studio studios "
                      "factory mills farm farms plantation mine group holdings partners consulting security warehouse ministries ministry "
                      "nursery kindergarten convent monastery barracks prison seafoods dental pharmacy laundry cleaners diner bar pub inn resort "
                      "primary secondary high infirmary theatre press news radio fm tv airlines couriers construction builders engineering "
                      "house home lodge shelter centre center club fc department library museum council committee caregivers cleaning catering transport stores store garage nursery recruitment trust charity union society ashram madrasa campus hostel refuge rovers united rugby athletic choir orchestra garments apparel electronics tech technologies labs youth"),
        only=r"\b(?:i am|i'm|im|i was|as|being|she is|she's|she was|he is|he's|he was|we are|we were|me,|i'm still) ((?:the|one of the|a|an|one of) (?:only|first|last|sole|youngest|oldest|two|three) (?!one\b|person\b|thing|time|person who (?:knows|knew|believed))[^.!?;\n,]{4,70})",
        works_at=r"\b(?:work(?:s|ed|ing)?|boss|manager|job|study|studying|studied|studies|teach(?:es|er|ing)?|taught|nurse|doctor|intern(?:ship|ed)?|employed|employee|student|pupil|cleaner|cashier|guard|"
        r"waitress|coach|pastor|priest|guide|cook|driver|receptionist|shift|professor|lecturer|supervisor|owner|volunteer(?:ed)?|apprentice|bouncer|resident|patient|hired|girls|staff|owns|runs|ran|drive|drives|forklift|till) (?:\w+ ){0,3}?(?:at|for|from|of|with|by) (?:the )?|\b(?:club|agency|company|firm|shop|factory|employer|office|hostel|restaurant|hotel|college|school|church) (?:is|was|is called|was called|called|named) (?:the )?",
        function=_w(
            "a i an the and but for not you all any can had her was one our out day get has him his how man new "
            "now old see two way who its let put say she too use that with have this your from they know "
            "want been good much some time very when come here just like long make many more only over such take "
            "than them well were what where while then there after before because every never always once since "
            "until still even again each both another others those these which whose whom about above also around "
            "away back being below between is are am be do does did done go goes going went gone got gets it he "
            "we me my mine us so if or as at by in of on to up no nor yes hi hello hey ok okay please thank "
            "thanks sorry maybe perhaps later today tonight tomorrow yesterday last next first second third "
            "everyone everybody nobody someone somebody anyone nothing something anything everything please dear "
            "mum mom dad may might must should would could shall ours theirs its too first other their himself "
            "herself myself yourself than don did does says said told saw sees near during without within against "
            "under through across into onto off down if unless although though whether why life "
        ),
    ),
    "es": Cues(
        introduces=r"\b(?:me llamo|me llaman|me dicen|mi nombre es|mi nombre real es|mi nombre:|su nombre es|su nombre era|se llama|se llamaba|le llaman|le llamaban|le dicen|le decian|lo llaman|llamado|llamada|de nombre|nombre es|apodado|apodan) (?!no\b|por\b|asi\b|la\b|igual\b|los\b|a\b|una?\b|desde\b|que\b|todos\b|para\b|puta\b|loca\b|de\b|como\b|perra\b|exagerada\b|cuando\b|el \w+ dia\b)",
        is_called=r"\b(?:soy|es|hola|era|a|con|y|de|fue|mi amiga|mi amigo|aqui|querida|querido|gracias|firma|atentamente|llame|dije|pregunto) (?:la |el )?",
        titles=_w("sr sra srta senor senora senorita don dona dr dra doctor doctora profesor profesora profe padre pastor cura capitan "
                  "sargento agente inspector inspectora licenciado licenciada ingeniero juez jueza oficial comisario teniente monsenor maestro "
                  "maestra hermano hermana sor cabo coronel coordinador director directora lic ing comandante obispo fray enfermero"),
        kin=_w("tio tia primo prima hermano hermana madre padre mama papa marido esposo esposa mujer hijo hija novio novia amigo amiga vecino "
               "vecina jefe jefa profesor profesora sobrino sobrina pareja ex padrastro madrastra abuelo abuela cuñado cunado cunada suegro suegra "
               "companero companera maestro maestra comadre compadre gerente encargado companera entrenador psicologa abogada chico nino tipo senor "
               "supervisor director cura medico doctor dueno casero patron patrona padrino madrina hermanastro bebe hijito nieta nieto"),
        says=_w("me dijo dice decia pregunto vino empezo era es tiene tenia estaba fue llego trabaja vive vivia sabe sabia nunca siempre se le lo la y o hizo puso entro salio toco pego grito"),
        place_before=_w("en por hacia hasta cerca desde"),
        place_perhaps=_w("de a para entre y del al"),
        place_heads=_w("pueblo ciudad barrio colonia municipio aldea vereda comuna localidad villa caserio corregimiento calle avenida plaza "
                       "estacion parque terminal urbanizacion poligono carretera puente mercado playa sector parroquia paseo distrito provincia cerro comunidad metro fraccionamiento ranchería rancheria ejido"),
        place_tails=frozenset(),
        work_heads=_w("hospital colegio escuela universidad instituto liceo iglesia parroquia clinica empresa fabrica restaurante hotel "
                      "supermercado academia centro banco club textiles bar residencia ministerio taller transportes convento secundaria primaria preparatoria prepa "
                      "facultad bodega maquiladora finca hacienda panaderia cafeteria laboratorios laboratorio farmacia conservas seminario internado hogar "
                      "guarderia gimnasio almacenes tienda consultora constructora frutas limpiezas grupo editorial bufete ies ceip facu ipn unam politecnico jardin templo congregacion orfanato polideportivo teatro agencia despacho congelados viveros"),
        work_tails=_w("sa sl srl cia hnos hermanos fc"),
        only=r"\b(?:soy|era|fui|como|eramos|somos) ((?:la|el|una de las|uno de los|las|los) (?:unica|unico|primera|primer|unicas|unicos|pocas|ultima|ultimo) (?!vez|que\b|cosa)[^.!?;\n,]{4,70})",
        works_at=r"\b(?:trabaj\w+|jef[ea]|gerente|emplead[oa]|estudi\w+|alumn[oa]|profesora?|maestr[oa]|enfermer[oa]|cajer[oa]|limpi\w+|practicas|entrenador|cura|dueno|encargad[oa]|turno|contrat\w+|despid\w+|medico|doctor|monitor|club|colegio|recursos humanos|rrhh|seguridad|guardia) (?:\w+ ){0,3}?(?:en|del?|para|por|era|es) (?:la |el |los |las )?",
        function=_w(
            "a al de del el la los las lo un una unos unas y o u e en con por para sin sobre entre hasta desde "
            "cuando donde como porque pero que quien cual este esta esto ese esa eso estos estas esos esas aquel "
            "aquella ella ellas ellos nosotros nosotras mientras luego antes despues todo toda todos todas nada "
            "nadie siempre nunca aunque tambien hoy ayer manana sali vine corazon mi mis tu tus su sus me te se nos le les yo el si "
            "no ni ya muy mas menos solo asi aqui ahi alli era eran fue fui es son soy somos esta estan estaba "
            "tengo tiene tenia hace hacia dice dijo decia vino tuve ahora entonces perdon gracias hola cada otra "
            "otro otras otros mucho mucha muchos muchas poco algo alguien alguna alguno algun ningun ninguna da "
            "dan sea ser ver voy va van vez dos tres ante bajo contra segun tras durante mediante quiero quiere "
            "puedo puede ser sido han ha he hay habia "
        ),
    ),
    "fr": Cues(
        introduces=r"\b(?:je m'appelle|je m appelle|jm'appelle|jmappelle|je mappelle|moi c'est|moi c est|mon prenom est|mon prenom c'est|mon nom est|mon nom c'est|s'appelle|s'appelait|s appelle|sappelle|nomme|nommee|prenomme|prenommee|surnomme|on m'appelle|ils m'appellent|on l'appelle|son nom est|son prenom est|son nom c'est|prenom:|du nom de|appelez-moi|appelez moi|il s'appelle) (?!pas\b|la\b|le\b|les\b|plus\b|une?\b|comme\b|toujours\b|encore\b|ca\b|tous\b|quand\b|pour\b|comment\b)",
        is_called=r"\b(?:je suis|c'est|c'etait|bonjour|salut|chere?|merci|avec|et|a|de|par|appele|appelle|chez|ici|coucou) (?:le |la )?",
        titles=_w("m me mr mme mlle madame monsieur mademoiselle dr docteur docteure pr professeur professeure capitaine sergent agent inspecteur juge maitre "
                  "pere abbe soeur frere pasteur imam cheikh adjudant brigadier commandant lieutenant colonel tonton tata tantie mgr caporal commissaire coach directeur directrice"),
        kin=_w("oncle tante cousin cousine frere soeur mere pere maman papa mari femme fils fille copain copine ami amie voisin voisine chef "
               "patron patronne manager prof neveu niece compagnon conjoint ex beau-pere belle-mere grand-pere grand-mere beau-frere belle-soeur collegue "
               "epoux epouse mec meuf gars entraineur responsable psy avocate medecin directeur tuteur petit-ami tonton tata parrain marraine fiance "
               "educatrice educateur bebe homme garcon animateur formateur pretre cure demi-frere surveillant stagiaire gynecologue kine marabout"),
        says=_w("m'a ma a dit est etait m'avait avait disait venait vient habite travaille savait sait me lui nous s'est et ou n'a qui faisait entrait vivait voulait"),
        place_before=_w("a dans vers pres depuis jusqu'a en sur"),
        place_perhaps=_w("de entre pour et par chez du au d"),
        place_heads=_w("village ville quartier commune hameau cite rue avenue boulevard place gare bourg lieu-dit station parc banlieue region departement "
                       "metro arret pont marche plage foret zone residence lotissement port quai impasse chemin ile tram rer route square faubourg douar medina"),
        place_tails=frozenset(),
        work_heads=_w("hopital lycee college ecole universite clinique eglise paroisse restaurant hotel entreprise usine centre institut societe "
                      "banque supermarche academie institution entrepots entrepot depot fac faculte foyer ehpad caserne biscuiterie boulangerie pharmacie laboratoire cabinet garage conserverie "
                      "chu internat maternelle mairie prefecture association club gymnase conservatoire theatre musee brasserie cafe boucherie transports groupe laboratoires "
                      "etablissements ets maison residence mosquee couvent seminaire cooperative studio agence auberge camping imprimerie fonderie scierie crous mission maternite dispensaire polyclinique chantier chantiers domaine chateau fromagerie cave ateliers menuiserie ephad iut ufr iep"),
        work_tails=_w("sarl sas sa eurl fils"),
        only=r"\b(?:je suis|j'etais|etant|comme|on etait|elle est|j'ai ete|nous sommes) ((?:la|le|les|une des|un des|l'une des) (?:seule?|seules|seuls|premiere?|unique|deux seules|rares|derniere) (?!chose|fois|a\b|qui\b)[^.!?;\n,]{4,70})",
        works_at=r"\b(?:travaill\w+|boss\w+|patron\w*|chef\w*|responsable|gerant\w*|employe\w*|etudi\w+|eleve|prof\w*|infirmi\w+|caissi\w+|stage|stagiaire|apprenti\w*|boulot|directeur|directrice|serveu\w+|embauch\w+|poste|cdi|cdd|vendeuse|vendeur|medecin|pretre|entraineur|interne|surveillant) (?:\w+ ){0,3}?(?:a|chez|de|pour|du|au|aux) (?:la |le |l')?",
        function=_w(
            "a au aux de des du le la les un une et ou en dans avec sans pour par sur sous entre vers chez quand "
            "comme parce mais donc or ni car que qui quoi dont ce cet cette ces ca cela elle elles il ils on nous "
            "vous je tu me te se lui leur leurs mon ton son ma ta sa mes tes ses notre votre nos vos tout toute "
            "tous toutes rien personne jamais toujours puis alors apres avant depuis pendant si non oui ne pas "
            "plus moins tres trop encore aussi ici hier demain aujourd'hui est suis es sont sommes etes etait "
            "etais etaient ai as avons avez ont avait avais fait fais dit dis va vais vont un autre autres chaque "
            "aucun aucune quelqu'un quelque quelques y c'est c'etait j'ai j'avais j'etais bonjour merci pardon "
            "voila voici maintenant ensuite enfin car quel quelle celui celle ceux celles moi toi soi eux deux "
            "trois elle gardez souris publiez ecrivez aidez dites "
        ),
    ),
    "pt": Cues(
        introduces=r"\b(?:me chamo|chamo-me|meu nome e|o meu nome e|meu nome:|meu nome verdadeiro e|seu nome e|nome dele e|nome dela e|se chama|se chamava|chama-se|chamava-se|me chamam|chamado|chamada|apelido e|apelidado de|conhecido como|conhecida como|nome e|nome era|chamavam-lhe|chamam-lhe|pode me chamar de|podem me chamar de|me chamam de|dele era|dela era) (?:de |a |o )?(?!nao\b|de\b|assim\b|por\b|uma?\b|puta\b|louca\b|quando\b|na\b|no\b|para\b|pra\b|macaca\b|porque\b)",
        is_called=r"\b(?:sou|e|oi|ola|era|com|foi|a|o|da|do|pela|pelo|aqui e|aqui|querida|obrigada|falei|perguntei) (?:a |o )?",
        titles=_w("sr sra srta senhor senhora dona seu dom doutor doutora dr dra professor professora prof padre pastor pastora capitao sargento "
                  "agente delegado delegada tenente cabo juiz juiza irmao irma mestre coronel bispo freira frei tio tia inspetor inspetora engenheiro enfermeiro enfermeira soldado inspector diretor diretora treinador stora stor"),
        kin=_w("tio tia primo prima irmao irma mae pai mamae papai marido esposo esposa mulher filho filha namorado namorada amigo amiga vizinho "
               "vizinha chefe patrao patroa professor professora sobrinho sobrinha companheiro companheira ex padrasto madrasta avo avó cunhado cunhada sogro "
               "sogra colega gerente madrinha padrinho treinador encarregado noivo noiva supervisor supervisora neto neta enteado diretor dono senhorio motorista medico homem cara rapaz menina menino menino bebe advogada advogado psicologa genro nora meio-irmao"),
        says=_w("me disse diz dizia falou perguntou veio comecou era e tem tinha estava foi chegou trabalha mora vive sabe sabia nunca sempre que se fez entrou saiu bateu gritou acreditou"),
        place_before=_w("em no na nos nas ate perto pra"),
        place_perhaps=_w("de da do para entre e a ao por pelo pela desde dos"),
        place_heads=_w("vila cidade bairro aldeia freguesia municipio distrito rua avenida praca estacao parque favela comunidade povoado lugar travessa "
                       "terminal praia mercado ponte estrada conjunto morro largo sitio concelho alameda metro metro zona jardim musseque regiao interior quebrada"),
        place_tails=frozenset(),
        work_heads=_w("hospital colegio escola universidade instituto igreja paroquia clinica empresa fabrica restaurante hotel supermercado "
                      "academia banco centro lar creche faculdade quartel padaria farmacia laboratorio conservas clube mercearia convento seminario externato "
                      "lanchonete mercado agencia loja hostel fundacao associacao ministerio grupo transportes textil texteis upa ubs cmei emef etec senai maternidade cervejaria casa externato agrupamento santa irmandade templo assembleia abrigo orfanato internato pousada confeccoes calcados frigorifico usina moveis construtora"),
        work_tails=_w("ltda sa lda"),
        only=r"\b(?:sou|era|fui|como|eramos|somos) ((?:a|o|uma das|um dos|as|os) (?:unica|unico|primeira|primeiro|unicas|unicos|poucas|ultima) (?!vez|que\b|coisa)[^.!?;\n,]{4,70})",
        works_at=r"\b(?:trabalh\w+|chefe|gerente|empregad[oa]|funcionari[oa]|estud\w+|alun[oa]|professora?|enfermeir[oa]|caixa|estagi\w+|patrao|patroa|dono|dona|encarregad[oa]|turno|contrat\w+|medico|pastor|padre|treinador|limpo|limpava|limpeza|curso) (?:\w+ ){0,3}?(?:em|na|no|da|do|para|pra|de) (?:o |a )?",
        function=_w(
            "a o os as ao aos da das do dos de na nas no nos em um uma uns umas e ou mas que quem qual quando "
            "onde como porque por para pra pro sem com sobre entre ate desde este esta isto esse essa isso aquele "
            "aquela aquilo ele ela eles elas eu tu voce voces nos vos me te se lhe lhes meu minha meus minhas teu "
            "tua seu sua seus suas nosso nossa depois antes todo toda todos todas tudo nada ninguem sempre nunca "
            "tambem hoje ontem amanha nao sim ja muito moro saida mais menos so assim aqui ai ali la era eram foi fui e sao "
            "sou somos esta estao estava tenho tem tinha faz fez diz disse veio tive agora entao perdao obrigada "
            "obrigado ola oi cada outra outro outras outros pouco algo alguem alguma algum nenhum nenhuma da dao "
            "ser ver vou vai vao vez dois duas tres sob contra segundo durante quero quer posso pode sido ha "
            "houve so ate ele ela dele dela deles delas nele nela segue quem foi "
        ),
    ),
    "ar": Cues(
        introduces=r"(?<!\w)و?(?:انا )?(?:اسمي|إسمي|سميتي|اسمه|اسمها|اسمو|سميتو|سميتها|اسم|يدعي|تدعي|اسمي هو|يسمي|تسمي|يسمونني|بيقولولي|ينادونني|ينادوني|لقبه|يلقب ب) (?!كامل\b|كان\b|هنا\b|في\b|من\b|على\b|علي ال|ولا\b|مش\b|لا\b|مستعار\b|الحقيقي\b|المدير\b|الحي\b|القريه\b|الشركه\b|المدرسه\b|الشارع\b|ال)",
        is_called=r"(?<!\w)(?:انا|معكم|معكن|اختكم|مع|هو|هي|يا|اسمه|قالت|قال|المدعو|المدعوه|كان) ",
        titles=_w("السيد السيده الدكتور الدكتوره دكتور دكتوره الاستاذ الاستاذه استاذ استاذه الشيخ الحاج الحاجه المهندس المهندسه "
                  "الضابط القاضي المدرب المدير المعلم المعلمه مستر مس ابو ام الاب القس المحامي المحاميه الكابتن كابتن المقدم النقيب العقيد الرائد الملازم "
                  "عم عمو خاله خالتو الشاويش سيدي لالا ست الست ابونا الممرض الممرضه الحكيم البواب السائق الحارس المعيد المشرف المشرفه العميد الجيران"),
        kin=_w("عمي عمتي خالي خالتي اخي اختي اخوي اخويا خويا ختي امي ابي بابا ماما زوجي زوجتي جوزي مراتي ابني بنتي ولدي ابنتي صديقتي صديقي صاحبتي صاحبي "
               "جارنا جاري جارتي جارتنا مديري مديرتي زميلي زميلتي خطيبي ابن بنت طليقي حبيبي جدي جدتي مدرسي مدرستي خطيب رفيقتي رفيقي معلمتي معلمي حماي حماتي كفيلي استاذي راجلي اخوه اخوها اخته اختها ابنه ابنها ابنته ابنتها بنتها بنته زوجها زوجته امها امه ابوها ابوه عمها عمه خالها جدها جارها صديقه صديقتها صديقها اخونا اختنا ابننا عمنا خالنا زميلنا زميلتنا مديرنا استاذنا خطيبها جوزها مراته مرات مرت ابوي اخوك اختك خالو طفلي طفلتي عمتو خالو سلفي"),
        says=_w("قال قالت كان كانت يقول جاء ضربني لمسني وقف ساعدتني ساعدني"),
        place_before=_w("في من الي ب قرب بمدينه بقريه بحي عند جنب ف نواحي بضواحي قريب بين حتي"),
        place_perhaps=_w("ل نحو الى"),
        place_heads=_w("قريه مدينه حي شارع منطقه مخيم محافظه ضاحيه بلده دوار حاره ساحه ميدان محطه سوق كورنيش ضيعه عزبه نجع جسر حديقه ولايه ناحيه موقف القريه زنقه نهج قضاء بلديه مركز دشره "
                       "بقريه بمدينه بحي بشارع بمنطقه بمخيم بمحطه بسوق بميدان بدوار ببلده بمحافظه كفر قصبه شاطئ مترو وحي لحي لقريه لمدينه"),
        place_tails=frozenset(),
        work_heads=_w("مستشفي مستشفى مدرسه جامعه شركه معهد كليه مصنع عياده مسجد كنيسه روضه ثانويه مطعم فندق بنك صيدليه مركز مشغل معمل جمعيه اعداديه متوسطه ابتدائيه دار نادي مؤسسه مكتب كنيسه دير مخبز مخبر حضانه قاعه "
                      "بمستشفي بمدرسه بجامعه بشركه بمعهد بكليه بمصنع بعياده بروضه بثانويه بمطعم بفندق بمركز بمعمل لمدرسه لشركه مجمع مصحه وزاره اكاديميه مول سوبرماركت كافيه صالون ورشه"),
        work_tails=frozenset(),
        only=r"(?<!\w)(?:انا|كنت|لاني|لانني|وانا|اني|كوني|بصفتي|نحن) ((?:ال(?:مراه|بنت|فتاه|طبيبه|مهندسه|معلمه|موظفه|ست|ممرضه|طالبه|سيده|شرطيه|سائقه|محاميه|عامله) )?(?:الوحيده|الوحيد|اول|الاولي|الانثي الوحيده|الوحيدات) [^.!?؟،;\n,]{4,60}|ال\w+ الوحيده? [^.!?؟،;\n,]{3,60})",
        works_at=r"(?<!\w)(?:اعمل|عملت|اشتغل|اشتغلت|بشتغل|شغاله|موظفه|موظف|ادرس|درست|بدرس|طالبه|طالب|مديري|معلمه|مدرسه|ممرضه|نخدم|خدامه|كنخدم|كنقرا|نقرا|طبيب|استاذ|مدير|عامله|شغلي|دكتور) (?:\w+ ){0,3}?(?:في |ف |لدي |عند |ب(?=\w))",
        function=_w(""),
    ),
}  # fmt: skip

# Between the words of one name: "Donald van der Voet", "Aparecida dos Santos", "Amina bint Yusuf".
LITTLE = frozenset("van der den de del la las los da do dos das di du des le von zu ter ten bin ibn bint abu al el ben ould y e d o "
                   "بن ابن بنت ابو ام ال عبد".split())  # fmt: skip

# Written with a capital letter, or found in a list of names, and yet nobody's name and no small place.
NEVER = frozenset(
    # days, months, feasts
    """monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october
    november december christmas easter ramadan diwali eid lent halloween thanksgiving holi navratri ganesh durga
    lunes martes miercoles jueves viernes sabado domingo enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    navidad pascua lundi mardi mercredi jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout septembre octobre
    novembre decembre noel paques toussaint segunda terca quarta quinta sexta sabado janeiro fevereiro marco abril maio junho julho setembro
    outubro novembro dezembro natal pascoa carnaval
    """
    # what nobody minds: faiths, languages, peoples, institutions, companies that everybody uses
    """god allah jesus christ lord bible quran koran islam dios dieu deus christian muslim hindu jewish catholic muslims hindus jews christians
    english french spanish arabic portuguese hindi german italian russian chinese african asian indian american british european latina latino
    facebook instagram whatsapp whatsap twitter tiktok snapchat telegram google uber youtube tinder bumble grindr linkedin zoom netflix gmail discord
    messenger signal skype reddit ola lyft bolt grab amazon teams wifi internet covid hiv hr ngo fir it tv dna ptsd cctv id gp er nhs dm dms sms pdf
    onix maruti camry corolla civic sandero logan duster megane hilux astra passat swift toyota honda ford renault clio peugeot fiat gol prius corolla nissan hyundai kia suzuki yamaha bmw mercedes audi vw volkswagen strava sim
    texas florida california ohio michigan illinois alabama arizona colorado oregon nevada utah kansas iowa indiana louisiana
    minnesota mississippi missouri montana nebraska oklahoma tennessee wisconsin wyoming alaska hawaii ontario quebec alberta queensland punjab
    maharashtra kerala gujarat rajasthan bihar assam karnataka
    thai afghan arab filipino filipina greek dutch welsh scottish swiss czech iraqi pakistani yemeni israeli saudi kuwaiti qatari emirati bangladeshi
    nepali punjabi bengali gujarati tamil telugu marathi igbo yoruba hausa zulu xhosa swahili kurdish kurd turk somali african-american brazilian
    mexicana mexicano dalit adivasi maori aboriginal inuit roma gypsy latinx black white asians americans africans europeans
    irish england scotland wales africa europe europa asia america latinoamerica antarctica aadhaar iphone android samsung nokia
    metro bus train airport street road market mall
    usb iban bic samu ceo hod phd mba ok okay pm am lgbt lgbtq usa uk us eu uae un onu who asap faq atm gps suv vip
    mum mom mama mummy mommy dad daddy papa grandma grandpa nana granny auntie aunty uncle aunt baba amma appa didi bhaiya sir madam maam
    police hospital school church court university college parliament government state mayor president minister
    papai mamae vovo vovó maman mamie papi mamy tata tonton tita tito ate kuya
    metoo niunamenos balancetonporc timesup
    sida iva ine dni nie cpf rg sus upa inss ong rh sncf ratp caf cpam cdi cdd smic rsa msn pmi opp
    """
    # what people write small and quick, and lists of names know
    """dont cant wont didnt doesnt isnt wasnt wouldnt couldnt shouldnt ive im ill id hes shes theyre youre thats whats lets gonna wanna
    gotta lol omg wtf idk tbh imo btw bf gf bff ex pls plz thx ur cuz coz bc rn fyi smh mum dad bro sis mam maam yea yeah nah hey hello hola oi
    ola bonjour salut hi dear sorry thanks amen dude girl boy guy man men lady sir kid baby son
    jai cetait jetais cest javais jsuis chui pcq parce mdr svp stp bjr slt rdv tkt vrmt jsp tjrs bcp qqn qqch meme deja tres apres
    tambien despues asi ahi alli aqui mas solo porque xq pq tmb bn dias anos ano senor senora tia tio mami papi abu nene nena
    voce voces nao tao entao tbm vc vcs pra pro ta to ne mae pai irma irmao tia tio ate so ja la ai vou sou nem bem
    maria-ninguem fulano fulana ciclano beltrano mengano zutano perengano
    """.split()
)

# Titles that are written short, with or without their dot.
ABBREVIATED = _w(
    "mr mrs ms dr prof sr sra srta mme mlle miss mister don dona dra doctor doctora docteur madame monsieur pr sir lic ing m st det sgt capt pc"
)
# After a name at the beginning of a sentence: Hope told me, Will from accounts.
SPEAKS = _w(
    "said says told asked tells asks grabbed hit touched pushed called shouted laughed smiled works worked lives lived wrote texted messaged "
    "raped beat helped kept from dijo dice decia disse falou dizia pregunto perguntou me nos m'a m'avait didi bhaiya bhai aunty uncle akka anna"
)
